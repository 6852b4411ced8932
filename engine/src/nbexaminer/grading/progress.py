"""What is told while a class is graded: a line with count, rate, time left and statuses; a log."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from nbexaminer.model import CellStatus, Result
from nbexaminer.printable import MAX_SENTENCE, shown


class Progress:
    """Tells of each result on stderr, and in full in a log for staff.

    Parameters
    ----------
    total : int
        How many results will come.
    log : Path
        File that gets a paragraph a submission.
    """

    def __init__(self, total: int, log: Path) -> None:
        self._total, self._log = total, log
        self._start, self._seen = time.monotonic(), Counter[str]()

    def __call__(self, result: Result) -> None:
        """Tell of one result."""
        self._seen[result.status] += 1
        self._print()
        append(self._log, result)

    def _print(self) -> None:
        done = self._seen.total()
        rate = done / max(time.monotonic() - self._start, 1e-9)
        counts = " ".join(f"{status} {count}" for status, count in sorted(self._seen.items()))
        left = (self._total - done) / rate
        line = f"{done}/{self._total}  {rate:.1f}/s  {left:.0f} s left  {counts}"
        screen, last = sys.stderr.isatty(), done == self._total
        if screen or last or done % 10 == 0:
            print(line, end="\r" if screen and not last else "\n", file=sys.stderr, flush=True)


def append(log: Path, result: Result) -> None:
    """Append the paragraph of a result to the log for staff."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(paragraph(result))


def paragraph(result: Result) -> str:
    """Return what the log says of a result: a line, then a line for each cell that lost points.

    Examples
    --------
    >>> from nbexaminer.model import Status, Submission, Verdict
    >>> verdicts = {"test_f": Verdict(CellStatus.TIMEOUT, 0.0, 2.0)}
    >>> ada = Submission("ada", "sums")
    >>> text = paragraph(Result(ada, Status.GRADED, verdicts, "", 20.5, 130.0))
    >>> print(text.split("  ", 1)[1], end="")
    ada sums graded 0 of 2, 20.5 s of processor time, 130 MB
        test_f: timeout, 0 of 2
    """
    who, possible = result.submission, sum(v.points for v in result.verdicts.values())
    lines = [
        f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {shown(who.student)} {who.assignment} "
        f"{result.status} {result.total:g} of {possible:g}, "
        f"{result.cpu_seconds:.1f} s of processor time, {result.memory:.0f} MB"
    ]
    lines += [f"    {shown(text, MAX_SENTENCE)}" for text in (result.reason, result.remark) if text]
    for cell, v in result.verdicts.items():
        if v.status != CellStatus.PASSED:
            said = "".join(f", {shown(text, MAX_SENTENCE)}" for text in (v.mistake, v.why) if text)
            lines.append(f"    {cell}: {v.status}, {v.earned:g} of {v.points:g}{said}")
            lines += [f"        {shown(v.example, MAX_SENTENCE)}"] if v.example else []
    return "\n".join(lines) + "\n"
