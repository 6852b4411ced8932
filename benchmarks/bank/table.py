"""The table of the campaign's figures in the instructors' guide, between two marks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bank.campaign import Score

GUIDE = Path(__file__).resolve().parents[2] / "book" / "instructor_guide.md"
BEGIN, END = "% bank: begin", "% bank: end"
COLUMNS = (
    *("Problem", "Right", "refused", "Wrong", "accepted", "named", "under noise"),
    *("Mutants", "equivalent", "killed"),
)
HEAD = f"| {' | '.join(COLUMNS)} |\n|---|{'--:|' * (len(COLUMNS) - 1)}\n"


def percent(share: float) -> str:
    """Return a share as a percentage, rounded down, so that 100 % means all."""
    return f"{int(100 * share + 1e-9)} %"


def row(score: Score) -> str:
    """Return the table's row of a problem."""
    cells = (
        f"`{score.problem}`",
        score.right,
        len(score.refused),
        score.wrong_answers,
        len(score.accepted),
        percent(score.named),
        percent(score.noisy_named),
        score.mutants,
        score.equivalent,
        percent(score.killed),
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def write(scores: Iterable[Score]) -> None:
    """Put the table of these scores into the guide."""
    before, rest = GUIDE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    text = HEAD + "".join(map(row, scores))
    GUIDE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def rows() -> dict[str, list[str]]:
    """Return the cells of the table in the guide, by problem."""
    inside = GUIDE.read_text().split(BEGIN)[1].split(END)[0]
    cells = [[c.strip() for c in li.strip("| ").split("|")] for li in inside.splitlines() if li]
    return {line[0].strip("`"): line[1:] for line in cells if line[0].startswith("`")}
