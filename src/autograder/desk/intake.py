"""Who handed in what, and what is odd about it: pure. Files and tables in, a plan out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from autograder.desk.parcels import Found
from autograder.desk.roster import SAFE_ID, Person, Roster
from autograder.desk.schemes import Label, instant, label_of, notebook_of, scheme_of
from autograder.desk.text import shown
from autograder.desk.times import Times

KINDS = (
    "missing", "late", "forged", "time", "twice",
    "unreadable", "wrong", "unknown", "renamed", "kept",
)  # fmt: skip
HONEST = timedelta(minutes=10)  # between the time that a folder's name tells and the disk's
SOURCES = {
    "canvas": "a download from Canvas",
    "moodle": "a download from Moodle",
    "folder": "a folder of submissions",
    "exchange": "nbgrader's exchange",
}


@dataclass(frozen=True)
class Finding:
    """One thing to look at: its kind (one of `KINDS`), whose it is, and a sentence.

    `assignment` is the other one that a notebook is of, where the kind is ``wrong``.
    """

    kind: str
    who: str
    words: str
    assignment: str = ""


@dataclass(frozen=True)
class Offer:
    """One file that somebody handed in, as what, and when."""

    label: Label
    notebook: str
    renamed: bool
    found: Found
    time: datetime | None

    @property
    def rank(self) -> tuple[bool, float, int, str]:
        """Return what a later file has more of: the right name, then the time, then the order."""
        time = self.time.timestamp() if self.time else 0.0
        return not self.renamed, time, self.label.order, self.label.file


@dataclass(frozen=True)
class Arrival:
    """What one student handed in: a file for each notebook, when, and the exchange's secret."""

    student: str
    files: Mapping[str, Path]
    time: datetime | None = None
    late: bool = False
    secret: str = ""


@dataclass(frozen=True)
class Desk:
    """What is known beforehand.

    Parameters
    ----------
    assignment : str
    notebooks : sequence of str
        Names of the assignment's notebooks, without suffix.
    roster : Roster or None
        Without one, the names of plain folders are the ids, and nobody is missing.
    times : Times
    due : datetime or None
        In UTC.
    zone : str
        Time zone of the dates in zip files.
    zip_dates : bool
        Whether these are the times of handing in.
    there : frozenset of str
        Students who handed in before.
    check_owner : bool
        Take from nbgrader's exchange only what belongs to the student's account, or the staff's.
    """

    assignment: str
    notebooks: Sequence[str]
    roster: Roster | None = None
    times: Times = field(default_factory=Times)
    due: datetime | None = None
    zone: str = "UTC"
    zip_dates: bool = False
    there: frozenset[str] = frozenset()
    check_owner: bool = True


def sort_out(
    parcels: Iterable[Sequence[Found]],
    desk: Desk,
    fault_of: Callable[[Path], str],
    other_of: Callable[[Path], str],
    scheme: str | None = None,
) -> tuple[list[Arrival], list[Finding]]:
    """Return what each student handed in, and all that somebody should look at.

    Parameters
    ----------
    parcels : iterable of sequences of Found
        What was in each zip file or folder.
    desk : Desk
    fault_of : callable
        Says what is wrong with a notebook file, or nothing.
    other_of : callable
        Says which other assignment a notebook file is of, or nothing.
    scheme : str, optional
        The naming scheme of all parcels; told from the names where not given.
    """
    findings: list[Finding] = []
    offers: dict[str, list[Offer]] = defaultdict(list)
    for parcel in parcels:
        chosen = scheme or _scheme(parcel)
        for student, offer in _offers(parcel, chosen, desk, findings):
            offers[student].append(offer)
    for student in _claimed_by_several(offers):
        claims = ", ".join(sorted({shown(o.label.number) for o in offers.pop(student)}))
        findings.append(
            Finding(
                "unknown", student, f"several accounts go by this name: {claims}; none is taken"
            )
        )
    arrivals = [
        arrival
        for student in sorted(offers)
        if (own := _of_this(student, offers[student], other_of, findings))
        and (arrival := _arrival(student, own, desk, fault_of, findings))
    ]
    told = {f.who for f in findings if f.kind != "forged"}
    findings += _missing(desk, told | offers.keys())
    return arrivals, sorted(findings, key=lambda f: (KINDS.index(f.kind), f.who, f.words))


def _scheme(parcel: Sequence[Found]) -> str:
    """Return a parcel's naming scheme.

    A folder with one submission of nbgrader's exchange in it is the exchange, whatever else lies
    there: students can make folders in it, and must not decide how those of others are read.
    """
    on_disk = (found for found in parcel if found.written)
    if any(label_of((found.parts[0], ""), "exchange") for found in on_disk):
        return "exchange"
    return scheme_of([found.parts for found in parcel])


def _offers(
    parcel: Sequence[Found], scheme: str, desk: Desk, findings: list[Finding]
) -> Iterable[tuple[str, Offer]]:
    strangers: dict[str, str] = {}
    for found in parcel:
        label = label_of(found.parts, scheme)
        path = shown("/".join(found.parts))
        if label is None:
            findings.append(Finding("unknown", path, f"is not named as in {SOURCES[scheme]}"))
        elif label.assignment in ("", desk.assignment):
            person = whose(label, desk)
            if person is None:
                names = dict.fromkeys(filter(None, (label.name, label.number)))
                strangers.setdefault(shown(" ".join(names)), path)
            elif forger := _forger(label, found, desk):
                words = f"{path} is of {forger}; not taken (c.ExchangeCollect.check_owner)"
                findings.append(Finding("forged", person, words))
            else:
                findings += _dated(person, label, found, desk)
                yield person, _offer(label, found, desk, person)
    for name, path in strangers.items():
        findings.append(Finding("unknown", name, f"is not in the roster; handed in {path}"))


def _forger(label: Label, found: Found, desk: Desk) -> str:
    """Return the account that wrote a submission of nbgrader's exchange for another, or nothing."""
    others = found.owners - {label.number}
    return ", ".join(map(shown, sorted(others))) if _is_owned(label) and desk.check_owner else ""


def _dated(person: str, label: Label, found: Found, desk: Desk) -> Iterable[Finding]:
    """Say where the time in a name, which the student's account chose, is not the disk's."""
    claimed, written = label.time, found.written
    if not (_is_owned(label) and found.owners and claimed and written):
        return
    if abs(written - claimed) > HONEST or (desk.due and claimed <= desk.due < written):
        words = f"its name says {claimed:%Y-%m-%d %H:%M} UTC, the disk {written:%Y-%m-%d %H:%M} UTC"
        yield Finding("time", person, f"{words}; taken")


def _is_owned(label: Label) -> bool:
    return label.scheme == "exchange"


def whose(label: Label, desk: Desk) -> str | None:
    """Return the id of the person a label names; None where that cannot be told for sure.

    A name counts only for somebody whose number in that system the roster does not give: people
    can change the name that an LMS shows for them, and not their number.
    """
    roster = desk.roster
    if roster is None:
        return label.number if _names_a_folder(label) else None
    if label.scheme == "canvas":
        return _id(roster.by("canvas_id", label.number) or _named(roster, label, "canvas_id"))
    if label.scheme == "moodle":
        known = desk.times.participants.get(label.number)
        return known or _id(
            roster.by("moodle_id", label.number) or _named(roster, label, "moodle_id")
        )
    return _id(
        roster.by("id", label.number)
        or roster.by_email(label.number)
        or roster.by_name(label.number)
    )


def _names_a_folder(label: Label) -> bool:
    return label.scheme in ("folder", "exchange") and bool(SAFE_ID.fullmatch(label.number))


def _named(roster: Roster, label: Label, number: str) -> Person | None:
    found = roster.by_name(label.name) or roster.by_name(label.name.partition("-")[2])
    return found if found and not getattr(found, number) else None


def _id(person: Person | None) -> str | None:
    return person.id if person else None


def _offer(label: Label, found: Found, desk: Desk, student: str) -> Offer:
    time = label.time or desk.times.by_student.get(student)
    if time is None and desk.zip_dates and found.stamp:
        time = instant(found.stamp.isoformat(), desk.zone)
    if found.file is None and not found.trouble:
        return Offer(label, "", True, found, time)
    name, renamed = notebook_of(label, desk.notebooks)
    return Offer(label, name, renamed, found, time)


def _claimed_by_several(offers: Mapping[str, Sequence[Offer]]) -> list[str]:
    return [
        student
        for student, own in offers.items()
        if any(
            len({o.label.number for o in own if o.label.scheme == scheme}) > 1
            for scheme in ("canvas", "moodle")
        )
    ]


def _of_this(
    student: str,
    offers: Sequence[Offer],
    other_of: Callable[[Path], str],
    findings: list[Finding],
) -> list[Offer]:
    """Return the offers without the notebooks of other assignments, which are told of."""
    left = []
    for offer in offers:
        other = other_of(offer.found.file) if offer.found.file else ""
        if other:
            findings.append(Finding("wrong", student, _said(offer, f"is of {other}"), other))
        else:
            left.append(offer)
    return left


def _arrival(
    student: str,
    offers: Sequence[Offer],
    desk: Desk,
    fault_of: Callable[[Path], str],
    findings: list[Finding],
) -> Arrival | None:
    chosen: dict[str, Offer] = {}
    for name in desk.notebooks:
        own = sorted((o for o in offers if o.notebook == name), key=lambda o: o.rank)
        for refused in (o for o in own if o.found.trouble):
            findings.append(Finding("unreadable", student, _said(refused, refused.found.trouble)))
        usable = [o for o in own if o.found.file]
        if usable:
            chosen[name] = usable[-1]
            findings += _remarks(student, usable, fault_of)
    if not chosen:
        if not any(o.found.trouble for o in offers):
            names = ", ".join(shown(o.label.file) for o in offers[:5])
            findings.append(Finding("unreadable", student, f"no notebook; handed in {names}"))
        return None
    files = {name: o.found.file for name, o in chosen.items() if o.found.file}
    times = [o.time for o in chosen.values() if o.time]
    secrets = [o.found.secret for o in chosen.values() if o.label.scheme == "exchange"]
    arrival = Arrival(student, files, max(times, default=None), secret="".join(secrets[-1:]))
    return _judged(arrival, any(o.label.late for o in chosen.values()), desk, findings)


def _remarks(
    student: str, usable: Sequence[Offer], fault_of: Callable[[Path], str]
) -> Iterable[Finding]:
    taken, file = usable[-1], usable[-1].found.file
    if len({_hash(o.found.file) for o in usable}) > 1:
        names = ", ".join(_told_apart(o, usable) for o in usable)
        words = f"{len(usable)} different files: {names}; taken: {_told_apart(taken, usable)}"
        yield Finding("twice", student, words)
    if taken.renamed:
        yield Finding(
            "renamed", student, f"{shown(taken.label.file)} is taken for {taken.notebook}"
        )
    fault = fault_of(file) if file else ""
    if fault:
        yield Finding("unreadable", student, _said(taken, fault))


def _told_apart(offer: Offer, among: Sequence[Offer]) -> str:
    """Return a file's name, with its time where several have that name."""
    name, alike = shown(offer.label.file), [o.label.file for o in among]
    if alike.count(offer.label.file) > 1 and offer.time:
        return f"{name} of {offer.time:%Y-%m-%d %H:%M:%S} UTC"
    return name


def _hash(path: Path | None) -> str:
    return sha256(path.read_bytes()).hexdigest() if path else ""


def _said(offer: Offer, words: str) -> str:
    return f"{shown(offer.label.file or '/'.join(offer.found.parts))} {words}"


def _judged(arrival: Arrival, marked: bool, desk: Desk, findings: list[Finding]) -> Arrival:
    """Return the arrival with whether it is late.

    What the LMS marked as late without saying when is one second late, so that a penalty applies.
    """
    time = arrival.time
    if time is None and marked and desk.due:
        time = desk.due + timedelta(seconds=1)
    person = desk.roster.by("id", arrival.student) if desk.roster else None
    extra = timedelta(hours=person.extra_time) if person else timedelta()
    over = time - desk.due - extra if time and desk.due else timedelta()
    late = over > timedelta() or (marked and not time)
    if late and arrival.time and desk.due:
        findings.append(Finding("late", arrival.student, f"{_length(over)} after the due date"))
    elif late:
        findings.append(Finding("late", arrival.student, "says the LMS"))
    elif marked and arrival.time is None:
        words = f"says the LMS; in time here, with {_length(extra)} more: --times tells when it was"
        findings.append(Finding("late", arrival.student, words))
    return replace(arrival, time=time, late=late)


def _length(span: timedelta) -> str:
    """Return a length of time in words, to the minute."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    words = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(words)


def _missing(desk: Desk, seen: set[str]) -> list[Finding]:
    people = desk.roster.people if desk.roster else ()
    return [
        Finding("missing", p.id, f"{p.name or p.id} handed in nothing")
        for p in people
        if p.id not in seen and p.id not in desk.there
    ]


def in_utc(moment: datetime | None) -> datetime | None:
    """Return a moment with its time zone; those of the gradebook are in UTC and do not say so."""
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=UTC)
