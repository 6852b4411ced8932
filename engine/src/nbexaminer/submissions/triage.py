"""Who handed in what, and what is odd about it: pure. Files and tables in, a plan out."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from nbexaminer.lms.dates import instant
from nbexaminer.lms.downloads import Reading, label_of, reading_of
from nbexaminer.lms.filenames import ParsedFilename, folder, notebook_of, stem_of
from nbexaminer.lms.roster import ID_SIGNS, SAFE_ID, Person, Roster
from nbexaminer.lms.systems import SYSTEMS
from nbexaminer.lms.times import Times, team_key
from nbexaminer.submissions.archives import ArchiveMember
from nbexaminer.text import key_of, shown

KINDS = (
    "roster", "missing", "incomplete", "late", "forged", "time", "twice",
    "unreadable", "wrong", "unknown", "renamed", "kept",
)  # fmt: skip
TOLD = 5  # files of one student that are named
UNREAD = (
    200  # names of a members that are told to be nobody's: anybody can make them in an exchange
)
# What Moodle calls everyone where names are hidden.
HIDDEN = frozenset(map(str.casefold, (
    "Participant", "Participante", "Partecipante", "Teilnehmer", "Teilnehmerin", "Deelnemer",
    "Участник", "参与者",
)))  # fmt: skip
HONEST = timedelta(minutes=10)  # between the time that a folder's name tells and the disk's
SOURCES = {name: system.words for name, system in SYSTEMS.items()} | {
    "folder": "a folder of submissions"
}
OWN_FILES = {name: system.own_files for name, system in SYSTEMS.items()}
NUMBERED = frozenset(name for name, system in SYSTEMS.items() if system.numbered)


@dataclass(frozen=True)
class Remark:
    """One thing to look at: its kind (one of `KINDS`), whose it is, and a sentence.

    `assignment` is the other one that a notebook is of, where the kind is ``wrong``.
    """

    kind: str
    who: str
    words: str
    assignment: str = ""


@dataclass(frozen=True)
class Match:
    """The other assignment that a file is of, and which notebook of this one its cells are.

    Each is empty where it cannot be told for sure.
    """

    other: str = ""
    notebook: str = ""


@dataclass(frozen=True)
class Candidate:
    """One file that somebody handed in, as what, and when."""

    label: ParsedFilename
    notebook: str
    renamed: bool
    found: ArchiveMember
    time: datetime | None

    @property
    def rank(self) -> tuple[bool, bool, float, int, bool, list[tuple[str, int]]]:
        """Return what a later file has more of: place and name, then the time, then the order.

        At last come the numbers in the names (``Version 9``, ``Version 10``).
        """
        time = self.time.timestamp() if self.time else 0.0
        own = self.label.file.rsplit("/", 1)[-1].casefold() == f"{self.notebook}.ipynb".casefold()
        named = bool(self.label.assignment), not self.renamed
        words = re.findall(r"(\D*)(\d{0,18})", self.label.file)
        counted = [(word, int(number or 0)) for word, number in words]
        return *named, time, self.label.order, own, counted


@dataclass(frozen=True)
class Arrival:
    """What one student handed in: a file for each notebook, when, and the exchange's secret."""

    student: str
    files: Mapping[str, Path]
    time: datetime | None = None
    late: bool = False
    secret: str = ""


@dataclass(frozen=True)
class Intake:
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
    there : mapping of str to set of str
        The notebooks of those who handed in before.
    check_owner : bool
        Take from nbgrader's exchange only what belongs to the student's account, or the staff's.
    exchange_zone : str
        Time zone of the times in nbgrader's exchange.
    assignments : frozenset of str
        All of the course's.
    """

    assignment: str
    notebooks: Sequence[str]
    roster: Roster | None = None
    times: Times = field(default_factory=Times)
    due: datetime | None = None
    zone: str = "UTC"
    zip_dates: bool = False
    there: Mapping[str, frozenset[str]] = field(default_factory=dict)
    check_owner: bool = True
    exchange_zone: str = "UTC"
    assignments: frozenset[str] = frozenset()


def sort_out(
    archives: Iterable[Sequence[ArchiveMember]],
    intake: Intake,
    fault_of: Callable[[Path], str],
    origin_of: Callable[[Path, str], Match],
    scheme: str | None = None,
) -> tuple[list[Arrival], list[Remark]]:
    """Return what each student handed in, and all that somebody should look at.

    Parameters
    ----------
    archives : iterable of sequences of ArchiveMember
        What was in each zip file or folder.
    intake : Intake
    fault_of : callable
        Says what is wrong with a notebook file, or nothing.
    origin_of : callable
        Says what a notebook file is, by its cells and by its name without suffix.
    scheme : str, optional
        The naming scheme of all archives; told from the names where not given.
    """
    findings: list[Remark] = []
    offers: dict[str, list[Candidate]] = defaultdict(list)
    for members in archives:
        for student, offer in _offers(members, reading(members, intake, scheme), intake, findings):
            offers[student].append(offer)
    for student in _claimed_by_several(offers):
        claims = ", ".join(sorted({shown(o.label.number) for o in offers.pop(student)}))
        findings.append(
            Remark("unknown", student, f"several accounts go by this name: {claims}; none is taken")
        )
    arrivals = [
        arrival
        for student in sorted(offers)
        if (own := _of_this(student, offers[student], origin_of, findings))
        and (
            arrival := _arrival(
                student=student, offers=own, intake=intake, fault_of=fault_of, findings=findings
            )
        )
    ]
    told = {f.who for f in findings if f.kind != "forged"}
    findings += _missing(intake, told | offers.keys())
    return arrivals, sorted(findings, key=lambda f: (KINDS.index(f.kind), f.who, f.words))


def reading(members: Sequence[ArchiveMember], intake: Intake, scheme: str | None = None) -> Reading:
    """Return how a members is read: told from its names, where the scheme is not given."""
    return reading_of(
        [found.parts for found in members],
        scheme=scheme,
        on_disk=any(found.on_disk for found in members),
        is_person=(lambda name: bool(whose(folder((name, "")), intake))) if intake.roster else None,
        assignment=intake.assignment,
    )


def _offers(
    members: Sequence[ArchiveMember], read: Reading, intake: Intake, findings: list[Remark]
) -> Iterable[tuple[str, Candidate]]:
    strangers: dict[str, str] = {}
    unread: list[Remark] = []
    zone = intake.exchange_zone if read.scheme == "exchange" else intake.zone
    for found in members:
        label, path = (
            label_of(found.parts, read, zone),
            shown("/".join(found.parts)),
        )
        if label and label.scheme == "folder" and label.assignment not in intake.assignments:
            label = replace(label, assignment="")  # a folder of the student's own
        if label is None and found.parts[-1] in OWN_FILES.get(read.scheme, ()):
            continue
        if label is None:
            words = found.trouble or f"is not named as in {SOURCES[read.scheme]}"
            unread.append(Remark("unknown", path, words))
        elif label.assignment in ("", intake.assignment):
            people = owners_of(label, intake)
            if not people:
                names = dict.fromkeys(filter(None, (label.name, label.number)))
                strangers.setdefault(shown(" ".join(names)), _strange(label, path, intake))
            for person in people:
                if forger := _forger(label, found, intake):
                    words = f"{path} is of {forger}; not taken (c.ExchangeCollect.check_owner)"
                    findings.append(Remark("forged", person, words))
                else:
                    findings += _dated(person, label, found, intake)
                    yield person, _offer(label, found, intake, person)
    unread += [Remark("unknown", name, words) for name, words in strangers.items()]
    findings += unread[:UNREAD]
    if len(unread) > UNREAD:
        words = f"and {len(unread) - UNREAD} more that are nobody's: move away what is not needed"
        findings.append(Remark("unknown", "…", words))


def _strange(label: ParsedFilename, path: str, intake: Intake) -> str:
    """Say why nobody is known by a label."""
    known = _numbered(label, intake)
    if intake.roster is None:
        return f"cannot be an id: {ID_SIGNS}; rename it, or give --roster FILE; handed in {path}"
    if label.scheme == "canvas" and not label.number.isdigit():
        return (
            f"is anonymous in Canvas; post the grades there, or turn off anonymous grading, and "
            f"download again: {path}"
        )
    if not known:
        asked = label.scheme == "moodle" and not intake.times.participants
        hint = intake.roster.hint(label.number) if intake.roster else ""
        step = "; a team? --times takes Moodle's grading worksheet, which says who is in it" * asked
        return f"is not in the roster; handed in {path}{hint}{step}"
    if label.scheme == "moodle":
        return (
            f"has the number of {known.id} and not the name, so it may be a team; not taken: "
            "--times takes Moodle's grading worksheet, which says who is in it"
        )
    return f"can be read as a file of several people; not taken: {path}"


def _forger(label: ParsedFilename, found: ArchiveMember, intake: Intake) -> str:
    """Return the account that wrote a submission of nbgrader's exchange for another, or nothing."""
    others = found.owners - {label.number}
    return ", ".join(map(shown, sorted(others))) if _is_owned(label) and intake.check_owner else ""


def _dated(
    person: str, label: ParsedFilename, found: ArchiveMember, intake: Intake
) -> Iterable[Remark]:
    """Say where the time in a name, which the student's account chose, is not the disk's."""
    claimed, written = label.time, found.written
    if not (_is_owned(label) and written):
        return
    if claimed is None:
        words = (
            f"its name says no time in c.Exchange.timezone, the disk {written:%Y-%m-%d %H:%M} UTC"
        )
        yield Remark("time", person, f"{words}; the disk's is taken")
        return
    if not found.owners:
        return
    if abs(written - claimed) > HONEST or (intake.due and claimed <= intake.due < written):
        words = f"its name says {claimed:%Y-%m-%d %H:%M} UTC, the disk {written:%Y-%m-%d %H:%M} UTC"
        yield Remark("time", person, f"{words}; taken")


def _is_owned(label: ParsedFilename) -> bool:
    return label.scheme == "exchange"


def owners_of(label: ParsedFilename, intake: Intake) -> Sequence[str]:
    """Return the ids of those whose submission it is: one person's, or a team's of Moodle.

    The worksheet says who is in a team; the number of a team is not that of a participant.
    """
    team = label.scheme == "moodle" and intake.times.teams.get(team_key(label.name))
    if team:
        return sorted(team)
    person = whose(label, intake)
    return [person] if person else []


def whose(label: ParsedFilename, intake: Intake) -> str | None:
    """Return the id of the person a label names; None where that cannot be told for sure.

    A name counts only for somebody whose number in that system the roster does not give: people
    can change the name that an LMS shows for them, and not their number. Where the number may be
    another thing's, the name has to agree with it.
    """
    roster = intake.roster
    if roster is None:
        return label.number if _names_a_folder(label) else None
    if label.scheme in NUMBERED:
        known = _numbered(label, intake)
        if known:
            return known.id if _agrees(label, known, intake) else None
        return _id(_named(roster, label, f"{label.scheme}_id"))
    find = SYSTEMS[label.scheme].find if label.scheme in SYSTEMS else None
    if find:
        return _id(find(label, roster))
    found = {p.id: p for n in (label.number, *label.rivals) if (p := _by_name_of(n, label, roster))}
    return next(iter(found)) if len(found) == 1 else None


def _by_name_of(name: str, label: ParsedFilename, roster: Roster) -> Person | None:
    """Return the person of an id, an address or a name.

    Folders are named by staff, who may write an id in other letters; accounts differ in theirs.
    """
    same = roster.by("id", name) or roster.by_email(name)
    if label.scheme == "folder" and not same:
        same = next((p for p in roster.people if p.id.casefold() == name.casefold()), None)
    return same or roster.by_name(name)


def _numbered(label: ParsedFilename, intake: Intake) -> Person | None:
    """Return the person whose number in an LMS a label has."""
    if intake.roster is None or label.scheme not in NUMBERED:
        return None
    student = intake.times.participants.get(label.number) if label.scheme == "moodle" else None
    number = intake.roster.by(f"{label.scheme}_id", label.number)
    return intake.roster.by("id", student) if student else number


def _agrees(label: ParsedFilename, person: Person, intake: Intake) -> bool:
    """Whether a label names the person who has its number.

    Moodle's number is a group's where groups hand in. Canvas's is clear unless the name around it,
    which is the student's to choose, has numbers of its own.
    """
    if label.scheme == "canvas" and not label.rivals:
        return True
    rivals = (intake.roster.by("canvas_id", n) for n in label.rivals) if intake.roster else ()
    if any(rival and rival != person for rival in rivals):
        return False
    names = {person.name, intake.times.names.get(label.number, "")} - {""}
    hidden = label.scheme == "moodle" and label.name.casefold() in HIDDEN
    return hidden or not names or any(_alike(label.name, name) for name in names)


def _alike(one: str, other: str) -> bool:
    """Whether two names have a word in common, or the same letters in another order."""
    words, others = (
        {key_of(w) for w in re.split(r"[\W_]+", _unmarked(n))} - {""} for n in (one, other)
    )
    joined = key_of(_unmarked(one)), key_of(_unmarked(other))
    return (
        bool(words & others)
        or any(len(w) > 1 and w in joined[0] for w in others)
        or (sorted(joined[0]) == sorted(joined[1]))
    )


def _unmarked(name: str) -> str:
    """Return a name without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _names_a_folder(label: ParsedFilename) -> bool:
    return label.scheme in ("folder", "exchange") and bool(SAFE_ID.fullmatch(label.number))


def _named(roster: Roster, label: ParsedFilename, number: str) -> Person | None:
    found = roster.by_name(label.name) or roster.by_name(label.name.partition("-")[2])
    return found if found and not getattr(found, number) else None


def _id(person: Person | None) -> str | None:
    return person.id if person else None


def _offer(label: ParsedFilename, found: ArchiveMember, intake: Intake, student: str) -> Candidate:
    time = label.time or intake.times.by_student.get(student)
    if time is None and _is_owned(label):
        time = found.written
    if time is None and intake.zip_dates and found.stamp:
        time = instant(found.stamp.isoformat(), intake.zone)
    if found.file is None and not found.trouble:
        return Candidate(label=label, notebook="", renamed=True, found=found, time=time)
    name, renamed = notebook_of(label, intake.notebooks)
    return Candidate(label=label, notebook=name, renamed=renamed, found=found, time=time)


def _claimed_by_several(offers: Mapping[str, Sequence[Candidate]]) -> list[str]:
    return [
        student
        for student, own in offers.items()
        if any(
            len({o.label.number for o in own if o.label.scheme == scheme}) > 1
            for scheme in NUMBERED
        )
    ]


def _of_this(
    student: str,
    offers: Sequence[Candidate],
    origin_of: Callable[[Path, str], Match],
    findings: list[Remark],
) -> list[Candidate]:
    """Return the offers without the notebooks of other assignments, which are told of.

    Where the cells of a file say which notebook it is, its name does not.
    """
    left = []
    for offer in offers:
        stem = stem_of(offer.label.file.rsplit("/", 1)[-1])
        origin = origin_of(offer.found.file, stem) if offer.found.file else Match()
        if origin.other:
            words = _said(offer, f"is of {origin.other}")
            findings.append(Remark("wrong", student, words, origin.other))
        elif origin.notebook and origin.notebook != offer.notebook:
            left.append(replace(offer, notebook=origin.notebook, renamed=True))
        else:
            left.append(offer)
    return left


def _arrival(
    student: str,
    offers: Sequence[Candidate],
    intake: Intake,
    fault_of: Callable[[Path], str],
    findings: list[Remark],
) -> Arrival | None:
    refused = [o for o in offers if o.found.trouble]
    findings += [Remark("unreadable", student, _said(o, o.found.trouble)) for o in refused[:TOLD]]
    chosen: dict[str, Candidate] = {}
    for name in intake.notebooks:
        usable = sorted(
            (o for o in offers if o.notebook == name and o.found.file), key=lambda o: o.rank
        )
        if usable:
            chosen[name] = usable[-1]
            findings += _remarks(student, usable, fault_of)
    if not chosen:
        if not refused:
            words = f"no notebook; handed in {_names(offers)}"
            findings.append(Remark("unreadable", student, words))
        return None
    absent = set(intake.notebooks) - chosen.keys() - intake.there.get(student, frozenset())
    if absent:
        words = f"without {', '.join(sorted(absent))}; handed in {_names(offers)}"
        findings.append(Remark("incomplete", student, words))
    files = {name: o.found.file for name, o in chosen.items() if o.found.file}
    times = [o.time for o in chosen.values() if o.time]
    secrets = [o.found.secret for o in chosen.values() if o.label.scheme == "exchange"]
    arrival = Arrival(student, files, max(times, default=None), secret="".join(secrets[-1:]))
    return _judged(arrival, any(o.label.late for o in chosen.values()), intake, findings)


def _names(offers: Sequence[Candidate]) -> str:
    """Return the names of the first files that were handed in."""
    more = f" and {len(offers) - TOLD} more" if len(offers) > TOLD else ""
    return ", ".join(shown(offer.label.file) for offer in offers[:TOLD]) + more


def _remarks(
    student: str, usable: Sequence[Candidate], fault_of: Callable[[Path], str]
) -> Iterable[Remark]:
    taken, file = usable[-1], usable[-1].found.file
    if len({_hash(o.found.file) for o in usable}) > 1:
        names = ", ".join(_told_apart(o, usable) for o in usable)
        words = f"{len(usable)} different files: {names}; taken: {_told_apart(taken, usable)}"
        yield Remark("twice", student, words)
    if taken.renamed:
        yield Remark("renamed", student, f"{shown(taken.label.file)} is taken for {taken.notebook}")
    fault = fault_of(file) if file else ""
    if fault:
        yield Remark("unreadable", student, _said(taken, fault))


def _told_apart(offer: Candidate, among: Sequence[Candidate]) -> str:
    """Return a file's name, with its time where several have that name."""
    name, alike = shown(offer.label.file), [o.label.file for o in among]
    if alike.count(offer.label.file) > 1 and offer.time:
        return f"{name} of {offer.time:%Y-%m-%d %H:%M:%S} UTC"
    return name


def _hash(path: Path | None) -> str:
    return sha256(path.read_bytes()).hexdigest() if path else ""


def _said(offer: Candidate, words: str) -> str:
    return f"{shown(offer.label.file or '/'.join(offer.found.parts))} {words}"


def _judged(arrival: Arrival, marked: bool, intake: Intake, findings: list[Remark]) -> Arrival:
    """Return the arrival with whether it is late.

    What the LMS marked as late without saying when is one second late, so that a penalty applies.
    """
    time = arrival.time
    if time is None and marked and intake.due:
        time = intake.due + timedelta(seconds=1)
    person = intake.roster.by("id", arrival.student) if intake.roster else None
    extra = timedelta(hours=person.extra_time) if person else timedelta()
    over = time - intake.due - extra if time and intake.due else timedelta()
    late = over > timedelta() or (marked and not time)
    if late and arrival.time and intake.due:
        findings.append(Remark("late", arrival.student, f"{_length(over)} after the due date"))
    elif late:
        findings.append(Remark("late", arrival.student, "says the LMS"))
    elif marked and arrival.time is None:
        words = f"says the LMS; in time here, with {_length(extra)} more: --times tells when it was"
        findings.append(Remark("late", arrival.student, words))
    return replace(arrival, time=time, late=late)


def _length(span: timedelta) -> str:
    """Return a length of time in words, to the minute."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    words = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(words)


def _missing(intake: Intake, seen: set[str]) -> list[Remark]:
    people = intake.roster.people if intake.roster else ()
    return [
        Remark("missing", p.id, f"{p.name or p.id} handed in nothing")
        for p in people
        if p.id not in seen and p.id not in intake.there
    ]
