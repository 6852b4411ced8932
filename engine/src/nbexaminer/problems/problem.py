"""A graded function: its cases, its criteria with their points, and the mistakes people make in it.

An answer is examined on every `Case`. Each criterion is met or not, all its cases together, and
carries its share of the points. Four rules hold in every problem:

* ``shape`` (where listed) is met when each returned value is of the right type and shape;
* ``untouched`` (where listed) is met when no call changes its inputs; where it is not listed, a
  case whose inputs changed fails. Where a problem asks for a new result, one that lies in the
  memory of an input counts as a change;
* ``errors`` is met when `ValueError` is raised wherever the reference raises it;
* ``errors`` and ``untouched`` count only for an answer that gets some other example right, and no
  trivial one, so that a function that does nothing earns nothing; so does ``shape`` where a task
  takes no input.

An answer that raises `NotImplementedError` at every call, as the released one does, is no answer:
no mistake is sought in it. One of which no criterion of values is met, and which ignores an input,
repeats one or draws at random (`baseline`), meets none.

What counts is drawn from a secret seed, what explains from the problem's name, which is no secret:
reasons and mistakes are those that an answer shows on public inputs, in a state that has not seen
the others. So a page carries of hidden inputs what an answer can put into its points: one bit a
criterion, and how the cell ended (`feedback.page.words_of`), about 8 bits a problem and submission.
An answer that lost points is also asked for the smallest input on which it is wrong, among inputs
drawn from the problem's name (`counterexample`); what it gave there is shown.
Texts come from closed lists besides: what the problem's cases examine, its mistakes, the sentences
of its judges and of `compare`, names of errors that the problem itself names.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from nbexaminer.problems import showing
from nbexaminer.problems.baseline import BaselineTrial, is_baseline
from nbexaminer.problems.calls import (
    Answer,
    Call,
    Made,
    ModuleCall,
    Opaque,
    RemoteAnswer,
    Reply,
    perform,
    perform_all,
    untouched,
)
from nbexaminer.problems.case import CRITERIA, Case, CaseResult, Facts, Judge, Misconception, Vague
from nbexaminer.problems.compare import difference, difference_in_form, error_name, identical
from nbexaminer.problems.counterexample import SALT, Counterexample, SmallCases
from nbexaminer.problems.diagnosis import PLAIN, Mistake, Search
from nbexaminer.problems.edits import edit
from nbexaminer.problems.methods import Method
from nbexaminer.problems.outcome import Outcome, left_as_released
from nbexaminer.problems.small import Small
from nbexaminer.problems.symptoms import misread_options
from nbexaminer.values import tensors
from nbexaminer.values.codec import WRONG, wrong_dtype

__all__ = [
    "WRONG",
    "Call",
    "Case",
    "CaseResult",
    "Judge",
    "Made",
    "Method",
    "Misconception",
    "ModuleCall",
    "Opaque",
    "Outcome",
    "Problem",
    "Reply",
    "Small",
    "Vague",
    "difference",
    "difference_in_form",
    "edit",
    "wrong_dtype",
]

Pairs = list[tuple[Case, Reply]]
ANOTHER = 0x5EED  # turns a seed into that of the inputs with which a doubtful answer is tried again


_SEED: ContextVar[int | None] = ContextVar("seed", default=None)
_WATCHERS: ContextVar[tuple[list[Facts], ...]] = ContextVar("watchers", default=())


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw the cases of every problem that is examined inside from `seed`."""
    token = _SEED.set(seed)
    try:
        yield
    finally:
        _SEED.reset(token)


@contextmanager
def watched() -> Iterator[list[Facts]]:
    """Collect the facts of each outcome that `Problem.grade` reports inside."""
    seen: list[Facts] = []
    token = _WATCHERS.set((*_WATCHERS.get(), seen))
    try:
        yield seen
    finally:
        _WATCHERS.reset(token)


@dataclass(frozen=True)
class Problem:
    """One graded function.

    Parameters
    ----------
    name : str
        The function's name, which is its `grade_id` too.
    reference : callable
        The right answer.
    weights : mapping of criterion to points
        What each criterion is worth; their sum is the problem's points.
    draw : callable
        Takes a `torch.Generator`, or what `generator` makes, and returns the cases.
    misconceptions : tuple of Misconception
        Simplest first: of several that fit, the first is named.
    right : tuple of callable
        Other right answers, by other methods; self-contained like wrong answers.
    words : mapping of criterion to str
        What a criterion means here, where `CRITERIA` says it too generally.
    new_result : bool
        Whether the task asks for a result that shares no memory with the inputs.
    generator : callable
        Makes, of a seed, what `draw` draws from. A bank without torch gives `random.Random` or
        `numpy.random.default_rng`.
    small : Small, optional
        How to make small inputs, so that a wrong answer is shown the smallest on which it is wrong.
        A problem whose answer is a constant, or follows from a few examples, has none.
    method : Method
        What the task excludes or asks for: looked for in the answer's code and told, for no points.
    """

    name: str
    reference: Callable[..., Any]
    weights: Mapping[str, float]
    draw: Callable[[Any], Iterable[Case]]
    misconceptions: tuple[Misconception, ...] = ()
    right: tuple[Callable[..., Any], ...] = field(default=())
    words: Mapping[str, str] = field(default_factory=dict)
    new_result: bool = False
    generator: Callable[[int], Any] = tensors.generator
    small: Small | None = None
    method: Method = field(default_factory=Method)

    def __post_init__(self) -> None:
        unknown = {*self.weights, *self.words} - CRITERIA.keys()
        if unknown:
            raise ValueError(f"unknown criteria {sorted(unknown)}, allowed: {sorted(CRITERIA)}")

    @property
    def points(self) -> float:
        """Return the most that an answer can earn."""
        return sum(self.weights.values())

    def announcement(self) -> str:
        """Return what students read, before they submit, of what is examined for how much."""
        lines = [f"{self.name}: {self.points:g} point{'s' * (self.points != 1)}"]
        words = {**CRITERIA, **self.words}
        lines += [f"{weight:g} · {words[name]}" for name, weight in self.weights.items()]
        return "\n".join(f"# {line}" for line in lines)

    def cases(self, seed: int | None = None) -> tuple[Case, ...]:
        """Return the cases drawn from `seed`; from that of `seeded`, or the name, without one."""
        return tuple(self.draw(self.generator(self.seed_of(seed))))

    def seed_of(self, seed: int | None) -> int:
        """Return the seed that is meant: the one given, the drawn one, or the public one."""
        if seed is not None:
            return seed
        drawn = _SEED.get()
        return self._public_seed if drawn is None else drawn

    def grade(self, answer: Answer, *, seed: int | None = None) -> float:
        """Examine `answer`, print the report, and return the points earned.

        As the last line of a test cell, its value is what nbgrader records.
        """
        outcome = self.examine(answer, seed=seed)
        print(outcome.report())
        for seen in _WATCHERS.get():
            seen.append({**outcome.facts(), "method": asdict(self.method)})
        return float(outcome.earned)

    def examine(self, answer: Answer, *, seed: int | None = None, diagnose: bool = True) -> Outcome:
        """Examine `answer` on every case and return the outcome.

        Parameters
        ----------
        answer : callable
            The student's function or class.
        seed : int, optional
            Where the inputs are drawn from.
        diagnose : bool
            Name the misconception where the answer fails.
        """
        seed = self.seed_of(seed)
        trial = self._tried(answer, seed)
        earned = sum(w for name, w in self.weights.items() if trial.met[name])
        lost = earned < self.points and not left_as_released(trial.findings)
        shown = trial
        if lost and seed != self._public_seed:
            if isinstance(answer, RemoteAnswer):
                answer.renew()
            shown = self._tried(answer, self._public_seed)
        first, second = self._recognize(shown) if lost and diagnose else (None, None)
        apart = lost and diagnose and isinstance(answer, RemoteAnswer)
        example = self._example(answer, first, second) if apart else None
        return Outcome(
            self.name,
            self.points,
            earned,
            trial.met,
            self.weights,
            trial.findings,
            first,
            second,
            {**CRITERIA, **self.words},
            trial.idle,
            shown.findings,
            example,
        )

    def counterexample(self, answer: Answer, *mistakes: Mistake | None) -> Counterexample | None:
        """Return the smallest call on which `answer` is seen to be wrong, if one is found.

        Parameters
        ----------
        answer : callable
            One in this process is not stopped, whatever it does; one of another, after 0.2 s.
        *mistakes : Misconception or Symptom
            Those that were recognized: a call that shows the first of them alone is preferred. A
            symptom, which has no wrong answer, prefers none.
        """
        known = [mistake for mistake in mistakes if isinstance(mistake, Misconception)]
        return self.small_cases.search(answer, known) if self.small_cases else None

    def _tried(self, answer: Answer, seed: int) -> _Tried:
        """Try an answer on the cases of one seed."""
        pairs = self._public_pairs if seed == self._public_seed else self._pairs(seed)
        findings = self.findings_of(answer, pairs)
        met = _criteria_met(self.weights, findings)
        idle = self.is_idle(answer, findings, pairs, met, seed)
        return _Tried(pairs, findings, {name: ok and not idle for name, ok in met.items()}, idle)

    @property
    def _public_seed(self) -> int:
        """The seed of the inputs on which a wrong answer is explained, the same for all answers."""
        return zlib.crc32(self.name.encode())

    def _pairs(self, seed: int) -> Pairs:
        """Return the cases of a seed, each with the reference's reply."""
        return [(case, perform(self.reference, case.call)) for case in self.cases(seed)]

    @cached_property
    def _public_pairs(self) -> Pairs:
        return self._pairs(self._public_seed)

    @cached_property
    def _public_results(self) -> dict[tuple[int, str], CaseResult]:
        """What misconceptions show on the public cases, as far as it was asked for."""
        return {}

    def is_idle(
        self,
        answer: Answer,
        findings: tuple[CaseResult, ...],
        pairs: Pairs,
        met: Mapping[str, bool],
        seed: int,
    ) -> bool:
        """Return whether what was met can be met without work: asked only where no value is right.

        No baseline gets every case of a criterion of values right.
        """
        if any(ok for name, ok in met.items() if name in PLAIN) or not any(met.values()):
            return False
        redrawn = self.cases(seed ^ ANOTHER)
        trials = [
            BaselineTrial(case.call, other.call, expected, finding.reply, finding.right)
            for (case, expected), other, finding in zip(pairs, redrawn, findings, strict=False)
            if case.criterion in PLAIN and not expected.failed and _inputs(case.call)
        ]
        return bool(trials) and is_baseline(answer, self.reference, trials)

    def findings_of(self, answer: Answer, pairs: Pairs) -> tuple[CaseResult, ...]:
        """Return what an answer shows on each case, against the replies that are expected."""
        cases = [case for case, _ in pairs]
        again = [case for case in cases if case.varies]
        replies = perform_all(answer, [case.call for case in (*cases, *again)])
        seconds = dict(zip(map(id, again), replies[len(cases) :], strict=True))
        return tuple(
            self._find(case, expected, reply, seconds.get(id(case)))
            for (case, expected), reply in zip(pairs, replies, strict=False)
        )

    def _find(self, case: Case, expected: Reply, reply: Reply, again: Reply | None) -> CaseResult:
        found = _find(case, expected, reply, self._errors_told)
        if case.varies and again and found.wrong is None:
            second = _find(case, expected, again, self._errors_told)
            found = second if second.wrong else _unless_same(case.varies, found, second)
        return found if self.new_result else replace(found, shares_memory=False)

    def _example(self, answer: Answer, *mistakes: Mistake | None) -> Facts | None:
        """Return what is told of a small input; what goes wrong on the way costs no point."""
        try:
            found = self.counterexample(answer, *mistakes)
            return showing.facts(found) if found else None
        except Exception:
            return None

    def found(self, case: Case, expected: Reply, reply: Reply) -> CaseResult:
        """Return what one reply to a case shows."""
        return self._find(case, expected, reply, None)

    @cached_property
    def small_cases(self) -> SmallCases | None:
        """The small inputs on which a wrong answer may show, where the problem makes any."""
        return SmallCases(self, self.small, self._public_seed ^ SALT) if self.small else None

    def _recognize(self, tried: _Tried) -> tuple[Mistake | None, Mistake | None]:
        """Return the mistakes that the findings show, at most two."""

        def wrong_answer_result(place: int, misconception: Misconception) -> CaseResult:
            return self.findings_of(misconception.wrong_answer, tried.pairs[place : place + 1])[0]

        lost = frozenset(name for name, is_met in tried.met.items() if not is_met)
        expected = tuple(reply for _, reply in tried.pairs)
        known = (*self.misconceptions, *self.misread)
        search = Search(
            tried.findings, expected, known, lost, wrong_answer_result, self._public_results
        )
        found: list[Mistake] = []
        with suppress(ImportError):  # of NumPy, which a bank may do without
            found = search.mistakes()
        first, second, *_ = *found, None, None
        return first, second

    @cached_property
    def misread(self) -> tuple[Misconception, ...]:
        """Misconceptions in which an option is read as another one, made of the reference."""
        return misread_options(self.reference)

    @cached_property
    def _errors_told(self) -> frozenset[str]:
        """The names of errors that students read before any input is drawn."""
        texts = [text for m in self.misconceptions for text in (m.name, m.hint)]
        found = re.findall(r"\b\w+Error\b", " ".join([*texts, *self.words.values()]))
        return frozenset({"ValueError", "NotImplementedError", *found})


@dataclass(frozen=True)
class _Tried:
    """What came of an answer on the cases of one seed."""

    pairs: Pairs
    findings: tuple[CaseResult, ...]
    met: Mapping[str, bool]
    idle: bool


def _unless_same(varies: Callable[[Reply], Any], one: CaseResult, other: CaseResult) -> CaseResult:
    if identical(varies(one.reply), varies(other.reply)):
        return replace(other, wrong="the same numbers are drawn at every call")
    return other


def _find(case: Case, expected: Reply, reply: Reply, told: Collection[str]) -> CaseResult:
    changed = _changed(reply.inputs, untouched(case.call))
    if expected.failed:
        raised = expected.errors[0] in reply.errors
        other = f"{error_name(reply.errors, told)} instead of" if reply.failed else "no"
        wrong = None if raised else f"{other} {expected.errors[0]} was raised"
        return CaseResult(case, reply, wrong, changed_inputs=changed)
    if reply.failed:
        wrong = f"{error_name(reply.errors, told)} was raised".replace("another", "an")
        return CaseResult(case, reply, wrong, wrong_form=True, changed_inputs=changed)
    form = difference_in_form(reply.value, expected.value)
    wrong = (case.judge or _equal(case))(reply, expected)
    return CaseResult(case, reply, wrong, bool(form), changed, reply.shares)


def _equal(case: Case) -> Judge:
    def judge(reply: Reply, expected: Reply) -> str | None:
        return difference(reply.value, expected.value, terms=case.terms, magnitude=case.magnitude)

    return judge


def _changed(now: tuple[Any, ...], before: tuple[Any, ...]) -> bool:
    return not identical(now, before)


def _criteria_met(
    weights: Mapping[str, float], findings: tuple[CaseResult, ...]
) -> dict[str, bool]:
    strict = "untouched" not in weights
    right = [f.right if strict else f.wrong is None for f in findings]
    met = {
        name: all(ok for ok, f in zip(right, findings, strict=True) if f.case.criterion == name)
        for name in weights
    }
    if "shape" in weights:
        met["shape"] = not any(f.wrong_form for f in findings)
    if "untouched" in weights:
        met["untouched"] = not any(f.touched for f in findings)
    told = (f.case.criterion != "errors" and not f.case.trivial for f in findings)
    if not any(ok and telling for ok, telling in zip(right, told, strict=True)):
        unearned = {"errors", "untouched"}
        if not any(_inputs(f.case.call) for f in findings):
            unearned.add("shape")  # without an input every answer is a constant
        met.update({name: False for name in unearned if name in met})
    return met


def _inputs(call: Call | ModuleCall) -> tuple[Any, ...]:
    """Return what a result can depend on."""
    if isinstance(call, ModuleCall):
        return call.inputs
    return (*call.args, *call.kwargs.values())
