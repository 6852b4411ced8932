"""The command `collect`: from what an LMS gives to the folder of submissions and the gradebook."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from nbformat.v4 import new_notebook

from nbexaminer.cli.command import Commands, add, aligned, known_assignment, listed, usual_roster
from nbexaminer.errors import WrongInputError
from nbexaminer.lms.dates import UnclearTimeError, is_zone, local, moment
from nbexaminer.lms.roster import Roster, read_roster
from nbexaminer.lms.systems import SYSTEMS
from nbexaminer.lms.times import Times, read_times
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import due_date
from nbexaminer.notebooks.repair import MAX_BYTES, UnreadableError, repair
from nbexaminer.submissions.archives import ArchiveMember, open_archive
from nbexaminer.submissions.enrollment import note_arrivals
from nbexaminer.submissions.match_assignment import graded_ids, origin_of
from nbexaminer.submissions.store import put
from nbexaminer.submissions.triage import Arrival, Intake, Remark, reading, sort_out
from nbexaminer.text import shown

FOLDER = {"folder": "<student>/<assignment>/<file>, <student>/<file> or <student>.ipynb"}
MORE = f"""\
FILE is what you have:
{listed({name: system.words for name, system in SYSTEMS.items()} | FOLDER)}
Which one it is follows from the names in it, unless --from says so; they may stand in one more
folder. A team's file in Moodle needs --times, which says who is in the team.

The roster is a CSV file with the columns id, name, email, canvas_id, moodle_id, extra_time (hours);
only id is needed. A gradebook that Canvas exported serves too, or nbgrader's list of students.
Without --roster, roster.csv beside the submissions is taken. Numbers in file names are looked up
first; a name counts only for people whose number the roster does not give.

A notebook of another assignment, by the names of its cells or else by its own, is not taken; if
more than half of the students handed in another one, the command stops.
A new file replaces an earlier one notebook by notebook; a notebook that does not come again stays.

Submission times come from --times (Moodle's grading worksheet, or a CSV file with the
columns id and submitted), or from the names in the download, where they hold it (the exchange,
Blackboard, Brightspace, Canvas's LATE); never from a student's file.
A time is in --timezone unless it names an offset (+0100) or a place (Europe/Berlin). Whether 12/11
is in November is told from the whole column, or by --day-first and --month-first.

examples:
  nbexaminer collect submissions.zip --assignment edges --due '2026-11-20 23:59 +0100'
  nbexaminer collect all.zip --assignment edges --times worksheet.csv
  nbexaminer collect late.zip --assignment edges --replace

exit codes: 0 everyone has handed in and nothing is odd; 1 something to look at, which is listed;
2 wrong input, or a disk or gradebook that cannot be written: run the same again when it can.
"""


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    command = add(
        commands,
        "collect",
        run,
        brief="take submissions from an LMS, a folder or nbgrader's exchange",
        more=MORE,
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="zip file or folder")
    command.add_argument("--assignment", required=True, help="the assignment")
    command.add_argument("--roster", type=Path, help="CSV file of the class (roster.csv)")
    command.add_argument("--times", type=Path, metavar="CSV", help="submission times")
    command.add_argument("--due", help="the due date, which goes into the gradebook")
    command.add_argument("--timezone", default="UTC", help="the zone of times that name none (UTC)")
    order = command.add_mutually_exclusive_group()
    order.add_argument(
        "--day-first", action="store_true", default=None, help="12/11/2026 is in November"
    )
    order.add_argument(
        "--month-first", dest="day_first", action="store_false", help="12/11/2026 is in December"
    )
    command.add_argument(
        "--from",
        dest="scheme",
        choices=sorted([*SYSTEMS, "folder"]),
        help="the system that named the files",
    )
    command.add_argument("--replace", action="store_true", help="replace existing submissions")
    command.add_argument(
        "--zip-dates",
        action="store_true",
        help="take dates in the zip file as submission times (Canvas's are those of the download)",
    )
    command.add_argument(
        "--dry-run", action="store_true", help="show what would be done, and write nothing"
    )


def run(options: argparse.Namespace) -> int:
    """Collect, and say what is odd."""
    course = Course(options.course)
    assignment = known_assignment(course, options.assignment)
    with TemporaryDirectory(prefix="collect-") as scratch:
        intake = _intake(course, assignment, options)
        rooms = [_room(Path(scratch), number) for number in range(len(options.files))]
        downloads = [
            open_archive(*pair, assignment) for pair in zip(options.files, rooms, strict=True)
        ]
        known = graded_ids(course)
        arrivals, findings = sort_out(
            archives=downloads,
            intake=intake,
            fault_of=fault_of,
            origin_of=lambda path, stem: origin_of(path, stem, assignment, known),
            scheme=options.scheme,
        )
        _refuse_another(arrivals, findings)
        findings = [*_of_tables(intake), *findings]
        if not arrivals and _says_nothing(downloads, intake, findings, options.scheme):
            findings.append(Remark("unknown", "FILE", _nothing(options)))
        done, kept = _put(course, assignment, arrivals, options)
        findings += kept
        if not options.dry_run:
            note_arrivals(
                course=course,
                assignment=assignment,
                arrivals=done,
                roster=intake.roster,
                due=intake.due,
            )
    _tell(intake, arrivals, findings, options)
    return 1 if findings else 0


def _of_tables(intake: Intake) -> list[Remark]:
    """Return whose row in the roster, or in the table of times, could not be taken as it is."""
    rows = intake.roster.faults if intake.roster else ()
    return [
        *(Remark("roster", who, words) for who, words in rows),
        *(Remark("time", who, words) for who, words in intake.times.faults),
    ]


def _says_nothing(
    downloads: Iterable[Sequence[ArchiveMember]],
    intake: Intake,
    findings: Iterable[Remark],
    scheme: str | None,
) -> bool:
    """Whether findings do not say what is wrong with files in which there is no submission."""
    schemes = {reading(members, intake, scheme).scheme for members in downloads}
    told = {"missing", "unknown"} if schemes == {"folder"} else {"missing"}
    return all(finding.kind in told for finding in findings)


def _refuse_another(arrivals: Sequence[Arrival], findings: Sequence[Remark]) -> None:
    """Raise if more than half of the students handed in another assignment: a slip of the command.

    Each counts once, and only those whose notebooks are all of the same other one.
    """
    given: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        if finding.kind in ("wrong", "unreadable"):
            given[finding.who].add(finding.assignment)
    for arrival in arrivals:
        given[arrival.student].add("")
    others = Counter(name for (name,) in (g for g in given.values() if len(g) == 1) if name)
    for name, count in others.most_common(1):
        if 2 * count > len(given):
            raise WrongInputError(f"these look like submissions of {name}; --assignment {name}?")


def _room(scratch: Path, number: int) -> Path:
    folder = scratch / str(number)
    folder.mkdir()
    return folder


def _intake(course: Course, assignment: str, options: argparse.Namespace) -> Intake:
    if not is_zone(options.timezone):
        raise WrongInputError(f"no time zone named {options.timezone!r}; Europe/Berlin is one")
    submitted = course.folder("submitted")
    roster = _roster(options, usual_roster(course))
    nobody = Roster(())
    return Intake(
        assignment=assignment,
        notebooks=sorted(
            path.stem for path in course.folder("source", ".", assignment).glob("*.ipynb")
        ),
        roster=roster,
        times=read_times(
            options.times, roster or nobody, options.timezone, day_first=options.day_first
        )
        if options.times
        else Times(),
        due=_due(options) or due_date(course, assignment),
        zone=options.timezone,
        zip_dates=options.zip_dates,
        there={
            folder.parent.name: frozenset(path.stem for path in folder.glob("*.ipynb"))
            for folder in submitted.glob(f"*/{escape(assignment)}")
            if any(folder.iterdir())
        },
        check_owner=bool(course.directory().config.ExchangeCollect.get("check_owner", True)),
        exchange_zone=_exchange_zone(course),
        assignments=frozenset(course.assignments()),
    )


def _exchange_zone(course: Course) -> str:
    """Return the time zone in which nbgrader's exchange writes times."""
    config = course.directory().config
    zone = str(config.ExchangeSubmit.get("timezone") or config.Exchange.get("timezone") or "UTC")
    if not is_zone(zone):
        raise WrongInputError(f"c.Exchange.timezone is {zone!r}, which is no time zone")
    return zone


def _roster(options: argparse.Namespace, usual: Path) -> Roster | None:
    """Return the roster; only plain folders and the exchange, which name ids, can do without."""
    if options.roster or usual.is_file():
        return read_roster(options.roster or usual)
    if options.scheme in ("folder", "exchange") or all(path.is_dir() for path in options.files):
        return None
    raise WrongInputError(
        f"no roster: names in a zip file are not ids; give --roster FILE or put it at {usual}"
    )


def _due(options: argparse.Namespace) -> datetime | None:
    if options.due is None:
        return None
    try:
        return moment(options.due, options.timezone, day_first=options.day_first)
    except UnclearTimeError as error:
        raise WrongInputError(
            f"{options.due!r} is no date: it {error}; '2026-11-20 23:59 +0100' is one"
        ) from error


def _nothing(options: argparse.Namespace) -> str:
    names = ", ".join(str(path) for path in options.files)
    return (
        f"no submission of anybody known was found in {names}: --help has the names that are "
        "understood; of any other system's make folders, <student>/<file>"
    )


def fault_of(path: Path) -> str:
    """Return what is wrong with a notebook file, or nothing."""
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    try:
        repair(raw, new_notebook())  # type: ignore[no-untyped-call]
    except UnreadableError as error:
        return str(error)
    return ""


def _put(
    course: Course, assignment: str, arrivals: list[Arrival], options: argparse.Namespace
) -> tuple[list[Arrival], list[Remark]]:
    """Put arrivals into their folders; return those that are in place, and those that are not."""
    done, findings = [], []
    aside = course.folder("submitted").parent / "earlier"
    for arrival in arrivals:
        folder = course.folder("submitted", arrival.student, assignment)
        earlier = aside / arrival.student / assignment
        if options.dry_run:
            continue
        before = {path.stem for path in folder.glob("*.ipynb")}
        try:
            did = put(arrival, folder, earlier, replace=options.replace)
        except WrongInputError as error:
            words = f"{error}; not taken: move it away, and run the same again"
            findings.append(Remark("kept", arrival.student, words))
            continue
        if did == "kept":
            words = f"{folder} holds another submission, which stays; --replace puts it aside"
            findings.append(Remark("kept", arrival.student, words))
            continue
        done.append(arrival)
        if did == "replaced" and before - arrival.files.keys():
            words = f"only {_listed(arrival.files)} came; {_listed(before - arrival.files.keys())}"
            findings.append(Remark("kept", arrival.student, f"{words} of before stays"))
    return done, findings


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(shown, sorted(names)))


def _tell(
    intake: Intake, arrivals: list[Arrival], findings: list[Remark], options: argparse.Namespace
) -> None:
    for note in (*(intake.roster.notes if intake.roster else ()), *intake.times.notes):
        print(note)
    of = f" of {len(intake.roster.people)}" if intake.roster else ""
    have = intake.there.keys() | {a.student for a in arrivals}
    if intake.roster:
        have &= {person.id for person in intake.roster.people}
    what = "would have handed in" if options.dry_run else "handed in"
    print(
        f"{intake.assignment}: {len(have)}{of} {what}, {len(arrivals)} of them in these files"
        + (f"; due {local(intake.due, options.timezone)}" if options.due and intake.due else "")
    )
    rows = [[f.kind, shown(f.who), f.words] for f in findings]
    if rows:
        print(aligned(rows))
