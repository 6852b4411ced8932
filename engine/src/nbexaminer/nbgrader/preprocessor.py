"""nbgrader's `Execute` with the student's code kept apart: the same notebook in, the same out.

Named first in `Autograde.autograde_preprocessors`, it serves `nbgrader autograde`, the formgrader
button and this engine alike.
"""

from __future__ import annotations

import atexit
import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.notebooknode import from_dict
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode, default

from nbexaminer.errors import NoSandboxError, NotACourseError
from nbexaminer.execution import packages as wanted
from nbexaminer.execution import protocol
from nbexaminer.execution.graded_cell import ExecutedCell, Plan
from nbexaminer.execution.runner import run_notebook
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.execution.sandbox.namespaces import Limits, Used
from nbexaminer.execution.student_process import StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.execution.working_copy import beside
from nbexaminer.notebooks.cells import grade_id, read_notebook
from nbexaminer.notebooks.dependencies import SourceCell, lent
from nbexaminer.notebooks.levels import FILE, AssignmentLevels, CellLevel, Level, is_stale, read
from nbexaminer.problems import methods
from nbexaminer.seeds import course_secret, seed
from nbexaminer.values.libraries import crossing, preload

MAX_FILES = 32 << 20  # bytes of an assignment's files: half of what a student's folder holds
MAX_COUNT = 1000  # of them
AUTO = "auto"
CPU_SECONDS, WALL_SECONDS, TOTAL_SECONDS = 20.0, 60.0, 600.0
OF_STOCK = ("Execute", "ExecutePreprocessor", "NotebookClient")  # what stock's step listens to
LONG_CELLS = 5  # of a notebook, for which there is time where a course gives its cells much


class IsolatedExecute(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Runs a submission's own cells in a sandbox, and its graded cells here."""

    cpu_seconds = Float(
        CPU_SECONDS, help="Processor time of a cell and its processes, in seconds."
    ).tag(config=True)
    wall_seconds = Float(
        WALL_SECONDS, help="Time that a cell may take, but for waiting for a core, in seconds."
    ).tag(config=True)
    total_seconds = Float(TOTAL_SECONDS, help="Time on the wall for a notebook, in seconds.").tag(
        config=True
    )
    memory = Integer(3 << 30, help="Address space of a student's process, in bytes.").tag(
        config=True
    )
    trust_submissions = Bool(
        False, help="Run students' code without a sandbox, with all that this user may do."
    ).tag(config=True)
    secret_file = Unicode(
        "", help="File that holds the course's secret, from which hidden inputs are drawn."
    ).tag(config=True)

    level = Enum(
        [AUTO, *Level],
        AUTO,
        help="Where graded cells run: as levels.toml says (auto), all apart, or all together.",
    ).tag(config=True)
    trial = Bool(False, help="Grade the instructor's own solution, to find out levels.").tag(
        config=True
    )

    by_assignment = Dict(
        help="Settings of these names for single assignments, such as {'ps1': {'memory': 4 << 30}}."
    ).tag(config=True)

    preload = List(
        Unicode(),
        help="Packages that students' processes find imported, beside those that the assignment's "
        "notebooks and the problem bank import.",
    ).tag(config=True)

    hidden_packages = List(
        Unicode(),
        help="Packages that students' processes must not see: a reference, a problem bank.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook's code cells, and write their outputs into it.

        A graded cell's metadata has ``nbexaminer``: its status, and the facts of its problems.
        ``resources["nbexaminer"]`` has what the student's processes used.
        """
        about = resources["nbgrader"]
        if _is_of_another_language(nb, about["notebook"]) or self._is_left_out():
            return _as_handed_in(nb), resources
        if (own := self._for(about["assignment"])) is not self:
            return own.preprocess(nb, resources)
        seed_of = self._seeds(f"{about['assignment']}/{about['student']}")
        cells = [cell for cell in nb.cells if cell.cell_type == "code"]
        plans, places = self._plans(cells, about, seed_of)
        limits = TimeLimits(self.cpu_seconds, self.wall_seconds)
        students: list[StudentProcess] = []
        files = self._files(about["assignment"])
        self._refuse_to_expose(about["assignment"])
        packages = _packages if _fork_server else self.packages(about["assignment"])
        preload(crossing(packages))

        def start() -> StudentProcess:
            template = self._template(packages)
            students.append(StudentProcess(template, seed_of("process"), limits))
            students[-1].give(files)
            return students[-1]

        with beside(self._folders(about["assignment"])[0]):
            try:
                done = run_notebook(plans, start, total_seconds=self.total_seconds)
            except (
                protocol.ProtocolError
            ):  # the template process's, and no student's: theirs is a DiedError
                warm_template.cache_clear()
                done = run_notebook(plans, start, total_seconds=self.total_seconds)
        for count, (cell, place) in enumerate(zip(cells, places, strict=True), start=1):
            cell.execution_count = count
            cell.outputs = [_node(output) for output in done[place].outputs]
            if plans[place].graded:
                told = [_with_methods(facts, cells) for facts in done[place].told]
                noted = _about(plans[place], replace(done[place], told=told))
                cell.metadata["nbexaminer"] = _node(noted)
        resources["nbexaminer"] = Used(
            sum(s.used.cpu_seconds for s in students), max(s.used.memory for s in students)
        )
        return nb, resources

    @default("cpu_seconds")
    def _cpu_seconds(self) -> float:
        return self._timeout() or CPU_SECONDS

    @default("wall_seconds")
    def _wall_seconds(self) -> float:
        return self._timeout() or WALL_SECONDS

    @default("total_seconds")
    def _total_seconds(self) -> float:
        return max(TOTAL_SECONDS, LONG_CELLS * self._timeout())

    def _timeout(self) -> float:
        """Return the seconds that the course gives a cell of stock nbgrader; 0 without a word."""
        given = (_seconds(self.config[name].get("timeout")) for name in OF_STOCK)
        return next(filter(None, given), 0.0)

    def _is_left_out(self) -> bool:
        """Whether cells keep the outputs that they were handed in with (`--no-execute`)."""
        left_out = str(self.config.Execute.get("enabled", True)) == "False"
        if left_out:
            self.log.warning("nothing is run: scores are what the submission's own outputs claim")
        return left_out

    def _plans(
        self,
        cells: Sequence[NotebookNode],
        about: Mapping[str, str],
        seed_of: Callable[[str], int],
    ) -> tuple[list[Plan], list[int]]:
        """Return what to run, in order, and the place of each cell in it."""
        notebook = about["notebook"]
        source = self._folders(about["assignment"])[0] / f"{notebook}.ipynb"
        model = self._model(source) if source.is_file() else _Model()
        levels = self._levels(about["assignment"])
        plans: list[Plan] = []
        places: list[int] = []
        for cell, name in zip(cells, map(grade_id, cells), strict=True):
            plan, how = self._plan(cell, seed_of), levels.of(notebook, name)
            places.append(len(plans))
            plans.append(self._placed(plan, model.before.get(name), how))
            if plan.graded and name in model.lent:
                plans.append(Plan(model.lent[name]))
        return plans, places

    def _plan(self, cell: NotebookNode, seed_of: Callable[[str], int]) -> Plan:
        """Return how to run a cell: one that gives no points runs where students' code does."""
        test = is_grade(cell) and not is_solution(cell)
        points = cell.metadata.nbgrader.points if test else 0
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        return Plan(
            without_hidden_tests(cell.source, *self._delimiters())
            if test and not points
            else cell.source,
            graded=points > 0,
            locked=is_locked(cell),
            seed=seed_of(name),
            points=points or math.inf,
        )

    def _model(self, source: Path) -> _Model:
        return _read_model(source, source.stat().st_mtime_ns, *self._delimiters())

    def _levels(self, assignment: str) -> AssignmentLevels:
        """Return how the assignment's cells are run, by the course's file.

        Raises
        ------
        NotACourseError
            If the source has changed since that was found out.
        """
        root = Path(CourseDirectory(parent=self).root)
        if self.level != AUTO:
            return AssignmentLevels()
        if is_stale(root, assignment, self._folders(assignment)[0]):
            raise NotACourseError(
                f"{assignment} has changed since {FILE} was written; run `nbexaminer check`, "
                "which finds out again how its cells are run"
            )
        return read(root).get(assignment, AssignmentLevels())

    def _placed(self, plan: Plan, before: tuple[SourceCell, ...] | None, how: CellLevel) -> Plan:
        """Return how to run a graded cell of that level, with what stands before it."""
        if not plan.graded:
            return plan
        together = Level.TOGETHER in (self.level, how.level)
        return replace(plan, before=before, together=together, any_end=how.any_end or self.trial)

    def _delimiters(self) -> tuple[str, str]:
        nbgrader = ClearHiddenTests(parent=self)
        return nbgrader.begin_test_delimeter, nbgrader.end_test_delimeter

    def _files(self, assignment: str) -> dict[str, bytes]:
        """Return the instructor's files beside the notebooks, which students were given, too.

        They are those of the source folder, as in nbgrader's own autograding; where there is a
        release, what is missing there was not given to students, and is not given to their cells.

        Raises
        ------
        NotACourseError
            If they are too large, or too many.
        """
        directory = CourseDirectory(parent=self)
        folder, released = self._folders(assignment)
        found = {
            name: path
            for path in sorted(folder.rglob("*"))
            if _is_given(path, name := path.relative_to(folder), directory)
            and ((released / name).is_file() or not released.is_dir())
        }
        size = sum(path.stat().st_size for path in found.values())
        if size > MAX_FILES or len(found) > MAX_COUNT:
            raise NotACourseError(
                f"the {len(found)} files in {folder} have {size >> 20} MB; "
                f"students' cells can have {MAX_FILES >> 20} MB in {MAX_COUNT} files"
            )
        return {name.as_posix(): path.read_bytes() for name, path in found.items()}

    def packages(self, assignment: str) -> tuple[str, ...]:
        """Return what students' processes find imported, in an assignment."""
        named = wanted.by_notebooks(self._folders(assignment))
        preload = self._for(assignment).preload
        return wanted.shared([*named, *preload], tuple(self.hidden_packages))

    def _for(self, assignment: str) -> IsolatedExecute:
        """Return this step with an assignment's own settings, where it has any.

        Raises
        ------
        NotACourseError
            If one of them is no setting.
        """
        own = self.by_assignment.get(assignment)
        if not own:
            return self
        unknown = set(own) - set(self.trait_names(config=True)) | {"by_assignment"} & set(own)
        if unknown:
            raise NotACourseError(
                f"c.IsolatedExecute.by_assignment[{assignment!r}]: {', '.join(sorted(unknown))}, "
                "which is no setting"
            )
        config = deepcopy(self.config)
        config.IsolatedExecute.update({"by_assignment": {}, **own})
        return IsolatedExecute(config=config)

    def _folders(self, assignment: str) -> tuple[Path, Path]:
        """Return the folders of an assignment's source and of its release."""
        directory = CourseDirectory(parent=self)
        steps = directory.source_directory, directory.release_directory
        source, released = (Path(directory.format_path(step, ".", assignment)) for step in steps)
        return source, released

    def _refuse_to_expose(self, assignment: str) -> None:
        if self.trust_submissions:
            return
        exchange = str(self.config.Exchange.get("root", ""))
        for what, where in (("course", CourseDirectory(parent=self).root), ("exchange", exchange)):
            if where and namespaces.exposes(Path(where)):
                raise NotACourseError(
                    f"{where} lies where students' code can read, with Python or the system's "
                    f"libraries; move the {what} to another folder"
                )
        seen = wanted.exposed_modules(*self._folders(assignment), tuple(self.hidden_packages))
        if seen:
            raise NotACourseError(
                f"hidden tests of {assignment} import {' and '.join(seen)}, which students' code "
                "can import, too: name what it must not see in c.IsolatedExecute.hidden_packages, "
                "or install it with pip install -e"
            )

    def warm_up(self) -> None:
        """Start the template process of a worker, with the packages that all its students share."""
        self._template(_packages)

    def _template(self, packages: tuple[str, ...]) -> TemplateProcess:
        limits = Limits(memory=self.memory, hidden=tuple(self.hidden_packages))
        return warm_template(limits, not self.trust_submissions, packages)

    def _seeds(self, owner: str) -> Callable[[str], int]:
        """Return a function from a cell's name to its seed: staff can repeat it, students not."""
        secret = course_secret(Path(self.secret_file)) if self.secret_file else b"nbexaminer"
        return lambda name: seed(secret, f"{owner}/{name}")


@dataclass(frozen=True)
class _Model:
    """What an instructor's notebook says of its graded cells, by grade_id.

    ``before`` are the code cells above each; ``lent`` is what the student's cells need of it.
    """

    before: Mapping[str, tuple[SourceCell, ...]] = field(default_factory=dict)
    lent: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=100)
def _read_model(notebook: Path, _changed: int, begin: str, end: str) -> _Model:
    before: dict[str, tuple[SourceCell, ...]] = {}
    cells: list[SourceCell] = []
    shown: list[SourceCell] = []
    names: list[str] = []
    for cell in read_notebook(notebook).cells:
        if cell.cell_type == "code":
            test = is_grade(cell) and not is_solution(cell)
            names.append(grade_id(cell))
            before |= {names[-1]: tuple(cells)} if test else {}
            cells.append(SourceCell(cell.source, is_solution(cell), test))
            text = without_hidden_tests(cell.source, begin, end)
            shown.append(replace(cells[-1], source=text))
    return _Model(before, {names[place]: text for place, text in lent(shown).items()})


def _seconds(given: Any) -> float:
    """Return a setting as seconds; on the command line it is text, and no limit is None or -1."""
    try:
        return max(float(given), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _is_of_another_language(nb: NotebookNode, name: str) -> bool:
    """Return whether a notebook is of another language than Python, and gives no points.

    Raises
    ------
    NotACourseError
        If it is, and has points to give, or nothing at all.
    """
    kernel, info = nb.metadata.get("kernelspec") or {}, nb.metadata.get("language_info") or {}
    language = str(kernel.get("language") or info.get("name") or "python")
    if "python" in language.lower():
        return False
    if nb.cells and not any(map(is_grade, nb.cells)):
        return True
    raise NotACourseError(
        f"{name}.ipynb is a notebook of {language[:40]}, and only Python's are graded here; "
        "grade it with stock nbgrader"
    )


def _as_handed_in(nb: NotebookNode) -> NotebookNode:
    """Return a notebook without what it claims to have been noted here."""
    for cell in nb.cells:
        cell.metadata.pop("nbexaminer", None)
    return nb


def _about(plan: Plan, done: ExecutedCell) -> dict[str, Any]:
    """Return what is noted of a graded cell."""
    noted: dict[str, Any] = {"status": done.status, "told": done.told}
    noted |= {"why": done.why} if done.why else {}
    noted |= {"level": Level.TOGETHER} if plan.together else {}
    return noted | ({"any_end": True} if done.any_end else {})


def _is_given(path: Path, name: Path, directory: CourseDirectory) -> bool:
    """Return whether a file of the source folder is for students: not hidden, no link, not ignored.

    nbgrader's `ignore` is for the names of files and folders, its `include` for those of files.
    """
    ignored = any(fnmatch(part, p) for part in name.parts for p in (".*", *directory.ignore))
    included = any(fnmatch(name.name, p) for p in directory.include)
    plain = path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"
    return plain and included and not ignored


def _node(output: dict[str, Any]) -> NotebookNode:
    node: NotebookNode = from_dict(output)  # type: ignore[no-untyped-call]
    return node


def without_hidden_tests(source: str, begin: str, end: str) -> str:
    r"""Return a test cell as students have it: without what stands between the two delimiters.

    Examples
    --------
    >>> without_hidden_tests("a\n# BEGIN\nb\n# END\nc", "BEGIN", "END")
    'a\nc'
    """
    kept, hidden = [], False
    for line in source.split("\n"):
        if begin in line or end in line:
            hidden = begin in line
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)


_fork_server = ""
_packages: tuple[str, ...] = ()


def share_fork_server(address: str, packages: Sequence[str]) -> None:
    """Have this process's template processes forked by a fork server that others use, too.

    Parameters
    ----------
    address : str
    packages : sequence of str
        What it imports; a fork server of its own, where that one is gone, does the same.
    """
    global _fork_server, _packages
    _fork_server, _packages = address, tuple(packages)


@cache
def warm_template(
    limits: Limits, sandboxed: bool, packages: tuple[str, ...] = ()
) -> TemplateProcess:
    """Return this process's template process, started at the first call.

    Parameters
    ----------
    limits : Limits
    sandboxed : bool
    packages : tuple of str
        What its fork server imports for all students.

    Raises
    ------
    NoSandboxError
        If the sandbox does not work here and was not given up expressly.
    """
    fault = namespaces.fault() if sandboxed else ""
    if fault:
        raise NoSandboxError(fault)
    slot = namespaces.own_slot()
    try:
        template = TemplateProcess(
            slot, limits, sandboxed=sandboxed, fork_server=_fork_server, packages=packages
        )
    except protocol.ProtocolError:  # that fork server is gone: one of its own
        template = TemplateProcess(slot, limits, sandboxed=sandboxed, packages=packages)
    atexit.register(template.close)
    return template


def _with_methods(facts: Mapping[str, Any], cells: Sequence[NotebookNode]) -> dict[str, Any]:
    """Return what a problem said, with what its task excludes or names and the code does or not."""
    kept = dict(facts)
    method = {name: tuple(listed) for name, listed in kept.pop("method", {}).items()}
    own = [cell.source for cell in cells if not is_grade(cell) or is_solution(cell)]
    asked = methods.Method(**method)
    said = methods.told(asked, own, facts["problem"]) if asked != methods.Method() else []
    return {**kept, "methods": said} if said else kept
