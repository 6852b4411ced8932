"""The command `export`: from the gradebook to a file that an LMS takes in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nbexaminer.cli.command import (
    Commands,
    add,
    known_assignment,
    listed,
    people_of,
    write_bytes,
)
from nbexaminer.errors import WrongInputError
from nbexaminer.grading import changes
from nbexaminer.grading.changes import with_changes
from nbexaminer.lms import export
from nbexaminer.lms.export import ExportOptions, GradeTable
from nbexaminer.lms.systems import SYSTEMS
from nbexaminer.lms.tables import CsvTable, guarded, read_table, said_of
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import marks, max_points_of, settle_penalties
from nbexaminer.text import shown, table_of

EXPORTS = {name: system.export for name, system in SYSTEMS.items() if system.export}
TITLES = ", ".join(sorted(SYSTEMS[name].title for name in EXPORTS))
MORE = f"""\
Points are those of the gradebook: automatic ones, marks by hand before them, extra credit, less the
penalty for lateness that the course has configured (c.AssignLatePenalties), never below zero.

{listed({name: one.help for name, one in EXPORTS.items()})}
csv          a row for each student and assignment, with all that the points are made of.

Students whose written answers are not marked yet keep what the template says, and are listed;
--provisional writes their points so far. So do students with a newer file than the one graded: run
grade first. Missing and unreadable submissions keep what the template says, too; --zero writes 0
for them. Canvas's EX (excused) and N/A (not assigned) always stay.

The template's language, delimiter, encoding and decimal commas are kept, and everything else in it
stays as it is. Only in columns that the system does not read, such as names, a quote is put before
what a spreadsheet would take for a formula. Where the system's maximum differs from the
assignment's, nothing is written unless --scale asks for points in the system's scale.

examples:
  nbexaminer export canvas --assignment edges --template 2026-11-23_Grades.csv
  nbexaminer export moodle --assignment edges --template worksheet.csv --zero
  nbexaminer export csv

exit codes: 0 everyone's points are in the file; 1 the file is written, and somebody's are not in
it; 2 wrong input, nothing written.
"""


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    command = add(
        commands, "export", run, brief=f"write points for {TITLES} or a spreadsheet", more=MORE
    )
    command.add_argument("system", choices=[*sorted(EXPORTS), "csv"], help="the format")
    command.add_argument("--assignment", help="the assignment (csv: all)")
    command.add_argument(
        "--template", type=Path, metavar="CSV", help="the table that the system exported"
    )
    command.add_argument("--column", help="the assignment's name there (its name here)")
    command.add_argument("--roster", type=Path, help="CSV file of the class (roster.csv)")
    command.add_argument("--to", type=Path, metavar="FILE", help="the file to write (exports/…)")
    command.add_argument("--provisional", action="store_true", help="count unmarked answers as 0")
    command.add_argument("--zero", action="store_true", help="write 0 for missing submissions")
    command.add_argument(
        "--scale", action="store_true", help="points times the system's maximum over the one here"
    )


def run(options: argparse.Namespace) -> int:
    """Write the file, and say whose points are not in it."""
    course = Course(options.course)
    if options.system != "csv" and not options.assignment:
        raise WrongInputError(
            f"which assignment? --assignment takes one of {', '.join(course.assignments())}"
        )
    wanted = [options.assignment] if options.assignment else course.assignments()
    names = [known_assignment(course, name) for name in wanted]
    for name in names:
        settle_penalties(course, name)
    template = read_table(options.template) if options.template else None
    table = _filled(course, names, template, options)
    target = _target(course, options)
    write_bytes(target, _content(table, template))
    print(f"{target}: {len(table.rows) - 1} rows")
    for note in [*table.notes, *(said_of(options.template, template) if template else [])]:
        print(note)
    return _tell(table, options)


def _content(table: GradeTable, template: CsvTable | None) -> bytes:
    """Return the file: the template's own bytes but for the cells that were filled in.

    What its system only shows is made inert; see `nbexaminer.lms.export`.
    """
    if template is None:
        return table_of(table.rows).encode("utf-8")
    return template.content([table.rows[0], *guarded(table.rows[1:], table.shown)])


def _filled(
    course: Course, names: Sequence[str], template: CsvTable | None, options: argparse.Namespace
) -> GradeTable:
    roster = people_of(course, options.roster)
    found, max_points = with_changes(course, marks(course, names)), max_points_of(course, names)
    if not found:
        raise WrongInputError(
            f"the gradebook has no points for {', '.join(names)}; collect and grade first"
        )
    if options.system == "csv":
        return export.plain(found, roster, max_points)
    column = options.column or names[0]
    choices = ExportOptions(options.provisional, options.zero, options.scale)
    if template:
        choices = replace(choices, delimiter=template.delimiter)
    system = EXPORTS[options.system]
    rows = template.rows if template else system.blank(roster, column, found[0].max_points)
    return system.fill(rows, found, roster, column, choices)


def _target(course: Course, options: argparse.Namespace) -> Path:
    usual = course.folder("submitted").parent / "exports"
    name = f"{options.assignment}-{options.system}" if options.assignment else "grades"
    target: Path = options.to or usual / f"{name}.csv"
    if options.template and target.resolve() == options.template.resolve():
        raise WrongInputError(f"{target} is the template; name another file with --to")
    return target


def _tell(table: GradeTable, options: argparse.Namespace) -> int:
    """Say whose points are not in the file; return 1 if there is somebody."""
    written = "so far" if options.provisional or options.system == "csv" else "not written"
    there = SYSTEMS[options.system].title if options.system in SYSTEMS else "a spreadsheet"
    zero = "0" if options.zero or options.system == "csv" else "not written"
    groups = {
        changes.AGAIN: table.changed,
        changes.FIRST: table.ungraded,
        f"waiting for a mark by hand ({written})": table.waiting,
        f"handed in nothing ({zero})": table.without,
        f"handed in nothing that can be read ({zero})": table.broken,
        f"excused or not assigned in {there}, left as it is": table.excused,
        f"has points here, but is excused or not assigned in {there} "
        "(not written)": table.unwritten,
        f"locked in {there}, which takes no grade for them (not written)": table.locked,
        "in the template, but nobody's here": table.strangers,
        "not in the template": table.left_out,
    }
    for words, names in groups.items():
        if names:
            print(f"{words}: {', '.join(shown(name, 200) for name in names)}")
    harmless = (table.without, table.excused)
    return 1 if any(n for n in groups.values() if all(n is not one for one in harmless)) else 0
