"""What came of one answer to one problem: criteria met, points, mistakes, in words and facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbexaminer.problems.case import CRITERIA, CaseResult, Facts
from nbexaminer.problems.diagnosis import Mistake

IDLE = "the result ignores an input, repeats one, or differs from call to call: no points for that"
ELSEWHERE = "right on the inputs that explain, wrong on some of those that count"
NOT_ANSWERED = "not answered yet: every call raised NotImplementedError"


@dataclass(frozen=True)
class Outcome:
    """One problem, one answer: which criteria are met, the points, and the mistake recognized."""

    problem: str
    points: float
    earned: float
    met: Mapping[str, bool]
    weights: Mapping[str, float]
    findings: tuple[CaseResult, ...]
    misconception: Mistake | None = None
    second: Mistake | None = None
    words: Mapping[str, str] = field(default_factory=lambda: CRITERIA)
    idle: bool = False
    shown: tuple[CaseResult, ...] | None = None
    example: Facts | None = None

    @property
    def answered(self) -> bool:
        """Whether some call did other than what the released answer does at each."""
        return not left_as_released(self.findings)

    @property
    def wants_reasons(self) -> bool:
        """Whether points were lost, and nothing says yet for what."""
        return self.earned < self.points and self.answered and self.shown is None

    def report(self) -> str:
        """Return the outcome in words for the student: no hidden input, no expected value."""
        lines = [f"{self.problem}: {self.earned:g} of {self.points:g} points"]
        for name, weight in self.weights.items():
            mark = "yes" if self.met[name] else "no "
            lines.append(f"  {mark} {self.words[name]} ({weight:g})")
        lines += [f"      {reason}" for reason in self._reasons()]
        for start, mistake in (("It looks like", self.misconception), ("And like", self.second)):
            if mistake:
                lines.append(f"  {start}: {mistake.name}. {mistake.hint}")
                lines += [f"  Read: {mistake.section}"] * bool(mistake.section)
        return "\n".join(lines)

    def facts(self) -> Facts:
        """Return what `report` says, as a dict for a page: texts and numbers, nothing hidden."""
        return {
            "problem": self.problem,
            "points": self.points,
            "earned": self.earned,
            "answered": self.answered,
            "criteria": [
                {"text": self.words[name], "points": weight, "met": self.met[name]}
                for name, weight in self.weights.items()
            ],
            "reasons": self._reasons(),
            "mistake": _told(self.misconception),
            "second": _told(self.second),
            "counterexample": self.example,
        }

    def _reasons(self) -> list[str]:
        if not self.answered:
            return [NOT_ANSWERED]
        if self.earned == self.points or self.shown is None:
            return []
        seen = [f"{f.case.examines}: {f.wrong or f.touched}" for f in self.shown if not f.right]
        if self.idle:
            seen.insert(0, IDLE)
        return list(dict.fromkeys(seen))[:4] or [ELSEWHERE]


def _told(mistake: Mistake | None) -> Facts | None:
    if mistake is None:
        return None
    return {"name": mistake.name, "hint": mistake.hint, "section": mistake.section}


def left_as_released(findings: tuple[CaseResult, ...]) -> bool:
    """Return whether every call raised `NotImplementedError`, as the released answer does."""
    replies = [finding.reply for finding in findings]
    return bool(replies) and all("NotImplementedError" in reply.errors for reply in replies)
