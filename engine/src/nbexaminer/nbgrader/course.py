"""A course's folders, settings and names; releasing an assignment; grading one submission."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from multiprocessing import parent_process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_core.paths import jupyter_config_path
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from sqlalchemy.engine import make_url
from traitlets.config.loader import Config, JSONFileConfigLoader, PyFileConfigLoader

from nbexaminer.errors import NotACourseError, UnknownNameError
from nbexaminer.files import RefusedError, open_file, write_whole
from nbexaminer.journal import Journal, digest, tree_digest
from nbexaminer.model import Result, Status, Submission
from nbexaminer.nbgrader.collecting import collecting
from nbexaminer.nbgrader.gradebook import GradebookSession, opened, quiet
from nbexaminer.nbgrader.marking import (
    Marked,
    Marker,
    ReleasedNotebook,
    Unread,
    as_file,
    remembered,
    unmarked,
)
from nbexaminer.nbgrader.outdated import is_outdated, updated
from nbexaminer.notebooks import levels
from nbexaminer.notebooks.cells import read_notebook
from nbexaminer.notebooks.repair import MAX_BYTES, UnreadableError
from nbexaminer.seeds import course_secret

CONFIG = "nbgrader_config.py"
NAMES = ("jupyter_config", "nbgrader_config")
RENAMED = {
    "autograder.isolated.IsolatedExecute": "nbexaminer.nbgrader.preprocessor.IsolatedExecute",
    "autograder.desk.exporter.FeedbackExporter": "nbexaminer.feedback.exporter.FeedbackExporter",
    "autograder.desk.staff.StaffView": "nbexaminer.feedback.staff_view.StaffView",
}


class Course:
    """An nbgrader course in a folder.

    Parameters
    ----------
    root : Path
        Folder of the course.
    isolation : mapping, optional
        Settings of `IsolatedExecute` for this time, in place of the course's.
    settings : Config, optional
        All settings, as one of nbgrader's own commands has merged them; without them, those of the
        system's and the user's Jupyter folders and of ``nbgrader_config.py`` in the course's.

    Raises
    ------
    NotACourseError
        If the folder is none of a course, or settings cannot be read.
    """

    def __init__(
        self,
        root: Path,
        isolation: Mapping[str, Any] | None = None,
        settings: Config | None = None,
    ) -> None:
        self.root = root.resolve()
        self._config = deepcopy(settings) if settings else _settings(self.root)
        self._config.CourseDirectory.setdefault("root", str(self.root))
        _renew_names(self._config)
        _mend_address(self._config)
        self._config.IsolatedExecute.update(isolation or {})
        self._config.Execute.pop("enabled", None)  # here every cell is run
        for own in self._config.IsolatedExecute.get("by_assignment", {}).values():
            for name in isolation or {}:
                own.pop(name, None)

    def directory(self) -> CourseDirectory:
        """Return nbgrader's view of the folders."""
        return CourseDirectory(config=self._config)

    def folder(self, step: str, student: str = ".", assignment: str = ".") -> Path:
        """Return the folder of a step (source, release, submitted, autograded, feedback)."""
        directory = self.directory()
        name = getattr(directory, f"{step}_directory")
        return Path(directory.format_path(name, student, assignment))

    def outdated(self, assignment: str) -> bool:
        """Return whether an assignment's source has metadata that `nbgrader update` would renew."""
        return any(map(is_outdated, self.folder("source", ".", assignment).glob("*.ipynb")))

    def stale(self, assignment: str) -> bool:
        """Return whether an assignment has changed since it was found out how its cells are run."""
        return levels.is_stale(self.root, assignment, self.folder("source", ".", assignment))

    def assignments(self) -> list[str]:
        """Return the names of the assignments that have a source notebook."""
        names = {path.parent.name for path in self.folder("source").glob("*/*.ipynb")}
        return sorted(name for name in names if not name.startswith("."))

    def submissions(
        self, assignment: str | None = None, student: str | None = None
    ) -> list[Submission]:
        """Return what was handed in, sorted; narrowed to one assignment or one student.

        Raises
        ------
        UnknownNameError
            If the assignment or the student is unknown.
        """
        submitted = self.folder("submitted")
        known, students = self.assignments(), _subfolders(submitted)
        _check("assignment", assignment, known, self.folder("source"))
        _check("student", student, students, submitted)
        return [
            Submission(one, name)
            for one in ([student] if student else filter(_is_text, students))
            for name in _subfolders(submitted / one)
            if name in known and name == (assignment or name)
        ]

    def strays(self) -> list[Path]:
        """Return folders of submissions that match no assignment: nobody grades them."""
        submitted, known = self.folder("submitted"), self.assignments()
        return [
            submitted / student / name
            for student in filter(_is_text, _subfolders(submitted))
            for name in _subfolders(submitted / student)
            if name not in known
        ]

    def unnameable(self) -> list[Path]:
        """Return students' folders whose name is no text, so that no gradebook can hold it."""
        submitted = self.folder("submitted")
        return [submitted / name for name in _subfolders(submitted) if not _is_text(name)]

    def release(self, assignment: str, to: Path | None = None) -> None:
        """Generate an assignment's student version, and record its cells in the gradebook.

        Parameters
        ----------
        assignment : str
        to : Path, optional
            Where to, instead of the course's release folder.

        Raises
        ------
        UnknownNameError
            If there is no such assignment.
        NotACourseError
            If nbgrader refuses the notebook; the message is nbgrader's own.
        GradebookError
            If the gradebook cannot be used.
        """
        _check("assignment", assignment, self.assignments(), self.folder("source"))
        self._make_room_for_the_gradebook()
        elsewhere = {"release_directory": str(to)} if to else {}
        failure = self._generate(GenerateAssignment, assignment, **elsewhere)
        if failure:
            with self.session():
                pass  # or the gradebook is at fault, which is told here
            raise NotACourseError(f"{assignment} cannot be released: {failure}")

    def released(self, assignment: str) -> list[ReleasedNotebook]:
        """Return an assignment's notebooks as `release` makes them, without a gradebook.

        Parameters
        ----------
        assignment : str

        Raises
        ------
        UnknownNameError
            If there is no such assignment.
        NotACourseError
            If nbgrader refuses the notebook; the message is nbgrader's own.
        """
        _check("assignment", assignment, self.assignments(), self.folder("source"))
        with TemporaryDirectory() as scratch, collecting() as (converter, texts):
            failure = self._generate(converter, assignment, release_directory=scratch)
            if failure:
                raise NotACourseError(f"{assignment} cannot be released: {failure}")
            paths = sorted((Path(scratch) / assignment).glob("*.ipynb"))
            prefix = "{}/" if len(paths) > 1 else ""
            return [
                ReleasedNotebook(p.stem, prefix.format(p.stem), read_notebook(p), *texts[p.stem])
                for p in paths
            ]

    def originals(
        self, session: GradebookSession, assignment: str, releases: Path
    ) -> list[ReleasedNotebook]:
        """Return an assignment's notebooks as released and as the gradebook has them.

        Parameters
        ----------
        session : GradebookSession
        assignment : str
        releases : Path
            Folder of the released notebooks, as `release` wrote them.
        """
        paths = sorted((releases / assignment).glob("*.ipynb"))
        return session.originals(assignment, {path.stem: read_notebook(path) for path in paths})

    def handed_in(self, submission: Submission, name: str) -> bytes | Unread:
        """Return the bytes of one of a submission's notebooks, or why there are none.

        No link is followed, and nothing beside the notebook is read.
        """
        folder = self.folder("submitted", submission.student, submission.assignment)
        try:
            return _read_regular(folder / f"{name}.ipynb")
        except UnreadableError as error:
            return Unread(Status.MALFORMED, str(error))
        except FileNotFoundError as error:
            return Unread(Status.MISSING, str(error))

    def mark(
        self, marker: Marker, submission: Submission, originals: Sequence[ReleasedNotebook]
    ) -> Marked:
        """Mark what was handed in; whatever goes wrong is that submission's result."""
        try:
            files = {
                original.name: self.handed_in(submission, original.name) for original in originals
            }
            return marker.mark(submission, files, originals)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:300]
            return unmarked(submission, originals, Status.FAILED, reason)

    def unchanged(self, marked: Marked) -> frozenset[str]:
        """Return the notebooks whose cells are those of the ones that `keep` wrote before."""
        who = marked.result.submission
        folder = self.folder("autograded", who.student, who.assignment)
        return frozenset(
            name
            for name, notebook in marked.notebooks.items()
            if (path := folder / f"{name}.ipynb").is_file()
            and _texts(read_notebook(path)) == _texts(notebook)
        )

    def keep(self, marked: Marked) -> None:
        """Write the executed notebooks of a submission, in place of those of an earlier one."""
        who = marked.result.submission
        folder = self.folder("autograded", who.student, who.assignment)
        if folder.exists():
            shutil.rmtree(folder)
        for name, notebook in marked.notebooks.items():
            write_whole(folder / f"{name}.ipynb", as_file(notebook))

    def kept(self, submission: Submission, originals: Sequence[ReleasedNotebook]) -> Marked:
        """Return what `keep` wrote of a submission, or nbgrader did with this engine."""
        folder = self.folder("autograded", submission.student, submission.assignment)
        paths = [folder / f"{original.name}.ipynb" for original in originals]
        notebooks = {path.stem: read_notebook(path) for path in paths if path.is_file()}
        return remembered(submission, notebooks, originals)

    def grade(self, submission: Submission, releases: Path) -> Result:
        """Grade one submission here and now: no automatic score of an earlier one survives.

        Manual marks and comments are kept. The submitted file is left alone.

        Parameters
        ----------
        submission : Submission
        releases : Path
            Folder of the released notebooks, as `release` wrote them.
        """
        with self.session() as session:
            session.enroll([submission.student])
            originals = self.originals(session, submission.assignment, releases)
            marked = self.mark(self.marker(), submission, originals)
            session.record(marked, unchanged=self.unchanged(marked))
        self.keep(marked)
        return marked.result

    def marker(self) -> Marker:
        """Return what marks submissions with the course's settings."""
        return Marker(self._config)

    def packages(self, assignments: Iterable[str]) -> tuple[str, ...]:
        """Return what assignments import, and `IsolatedExecute.preload`: installed packages only.

        Parameters
        ----------
        assignments : iterable of str
        """
        from nbexaminer.nbgrader.preprocessor import IsolatedExecute

        isolated = IsolatedExecute(config=self._config)
        return tuple(sorted({p for name in assignments for p in isolated.packages(name)}))

    def warm_up(self) -> None:
        """Start this process's template process, so that the first submission waits for nothing."""
        from nbexaminer.nbgrader.preprocessor import IsolatedExecute

        IsolatedExecute(config=self._config).warm_up()

    def keys(self, submissions: Iterable[Submission], releases: Path) -> dict[Submission, str]:
        """Return for each submission a hash of all that its grade depends on.

        Parameters
        ----------
        submissions : iterable of Submission
        releases : Path
            Folder of the released notebooks, as `release` wrote them.
        """
        submissions = list(submissions)
        names = {s.assignment for s in submissions}
        foundations = {name: self.foundation(releases, name) for name in names}
        return {s: self._key(s, foundations[s.assignment]) for s in submissions}

    def foundation(self, releases: Path, assignment: str) -> str:
        """Return a hash of all that grades of an assignment depend on beside the submissions.

        The settings, the secret, the released and the worked notebooks, and the files and folders
        that the course names in `c.Journal.inputs`, relative to its root. No other assignment.
        """
        inputs = [self.root / name for name in self._config.Journal.get("inputs", [])]
        secret_file = str(self._config.IsolatedExecute.get("secret_file", ""))
        known = levels.read(self.root).get(assignment)
        return digest(
            *([repr(known)] if known else []),
            self.root / CONFIG,
            *(path for path in settings_files(self.root) if path != self.root / CONFIG),
            course_secret(Path(secret_file)) if secret_file else b"",
            tree_digest([releases / assignment]),
            tree_digest([self.folder("source", ".", assignment), *inputs]),
        )

    def _key(self, submission: Submission, foundation: str) -> str:
        folder = self.folder("submitted", submission.student, submission.assignment)
        notebooks = sorted(folder.glob("*.ipynb"))
        names = [p.name for p in notebooks]
        heads = (head for path in notebooks if (head := _head(path)) is not None)
        return digest(foundation, "\n".join(names).encode("utf-8", "surrogateescape"), *heads)

    def journal(self) -> Journal:
        """Return the course's journal, beside its submissions."""
        return Journal(self.folder("submitted").parent / "journal.jsonl")

    def recorded(self, submissions: Iterable[Submission]) -> dict[Submission, dict[str, float]]:
        """Return the automatic points that the gradebook holds for each submission."""
        with self.session() as session:
            return session.automatic(submissions)

    def max_scores(self, assignment: str) -> dict[str, float]:
        """Return the points of each automatically graded cell of an assignment, in its order."""
        points = {}
        paths = sorted(self.folder("source", ".", assignment).glob("*.ipynb"))
        for path in paths:
            prefix = f"{path.stem}/" * (len(paths) > 1)
            for cell in read_notebook(path).cells:
                mark = cell.metadata.get("nbgrader", {})
                if mark.get("grade") and not mark.get("solution") and mark["points"]:
                    points[prefix + mark["grade_id"]] = float(mark["points"])
        return points

    def _generate(
        self, converter: type[GenerateAssignment], assignment: str, **directories: str
    ) -> str:
        """Run nbgrader's `GenerateAssignment`; return what went wrong, or nothing."""
        with updated(self.folder("source", ".", assignment)) as folder:
            moved = {"source_directory": str(folder.parent)} if folder else {}
            return self._generated(converter, assignment, **moved, **directories)

    def _generated(
        self, converter: type[GenerateAssignment], assignment: str, **directories: str
    ) -> str:
        config = deepcopy(self._config)
        config.CourseDirectory.update(
            {"assignment_id": assignment, "student_id": ".", **directories}
        )
        app = converter(coursedir=CourseDirectory(config=config), config=config)
        app.force, app.log = True, logging.Logger(__name__, logging.INFO)
        with _tools_of_this_python(), quiet():
            result = capture_log(app)  # holds even Ctrl-C
        if "KeyboardInterrupt" in result.get("error", ""):
            raise KeyboardInterrupt
        return "" if result["success"] else _last_line(result)

    def _make_room_for_the_gradebook(self) -> None:
        url: str = self.directory().db_url
        if url.startswith("sqlite:///"):
            Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def session(self) -> Iterator[GradebookSession]:
        """Open the gradebook."""
        directory = self.directory()
        self._make_room_for_the_gradebook()
        with (
            _tools_of_this_python(),
            opened(directory.db_url, directory.course_id, self._config) as session,
        ):
            yield session


def _settings(root: Path) -> Config:
    """Return the settings that nbgrader has in a folder: the system's, the user's, the course's.

    Raises
    ------
    NotACourseError
        If the folder is none of a course, or a file cannot be read.
    """
    merged = Config()
    for file in settings_files(root):
        merged.merge(_read_config(file))
    place = merged.CourseDirectory.get("root")
    here = place is not None and Path(place).resolve() == root
    if not here and not (root / CONFIG).is_file() and not _has_source(root, merged):
        raise NotACourseError(
            f"{root} has no {CONFIG}; give the folder of an nbgrader course with --course"
        )
    return merged


def settings_files(root: Path) -> list[Path]:
    """Return the files that hold the settings of a course, the last one decides."""
    folders = [*map(Path, reversed(jupyter_config_path())), root]
    paths = (Path(f, f"{n}.{s}") for f in folders for n in NAMES for s in ("py", "json"))
    return [path for path in dict.fromkeys(paths) if path.is_file()]


def _has_source(root: Path, settings: Config) -> bool:
    """Whether settings of another place name this engine, and the folder has source notebooks."""
    steps = settings.Autograde.get("autograde_preprocessors", [])
    named = any(str(step).endswith("IsolatedExecute") for step in steps)
    return named and any(root.glob("source/*/*.ipynb"))


def _read_config(file: Path) -> Config:
    loader = PyFileConfigLoader if file.suffix == ".py" else JSONFileConfigLoader
    try:
        return loader(file.name, path=str(file.parent)).load_config()
    except Exception as error:  # the file is a program: anything can go wrong in it
        what = str(error).splitlines()[0] if str(error) else ""
        raise NotACourseError(
            f"{file} does not run: {type(error).__name__}: {what}; mend it, or name "
            "another folder with --course"
        ) from error


def _renew_names(config: Config) -> None:
    """Put the names of today in place of those that a course was set up with before."""
    steps = config.Autograde.get("autograde_preprocessors", [])
    pages = config.HTMLExporter.get("preprocessors", [])
    exporter = config.GenerateFeedback.get("exporter_class", "")
    old = [name for name in (*steps, *pages, exporter) if name in RENAMED]
    if not old:
        return
    if parent_process() is None:  # workers would say the same again
        told = f"{CONFIG} names {old[0]}, which is {RENAMED[old[0]]} now"
        print(f"nbexaminer: {told}; `nbexaminer.use(c)` sets all of them", file=sys.stderr)
    config.Autograde.autograde_preprocessors = [RENAMED.get(name, name) for name in steps]
    config.HTMLExporter.preprocessors = [RENAMED.get(name, name) for name in pages]
    config.GenerateFeedback.exporter_class = RENAMED.get(exporter, exporter)


def _mend_address(config: Config) -> None:
    """Have the gradebook lie in the course's folder, whatever that folder is called.

    In the address of a database ``?`` ends the path and ``%`` begins a code; nbgrader, and settings
    that put the folder's name into an address, write it as it is.
    """
    root = os.path.abspath(config.CourseDirectory.root)  # noqa: PTH100  (nbgrader's own rule)
    quoted = root.replace("%", "%25").replace("?", "%3F")
    url = config.CourseDirectory.get("db_url") or f"sqlite:///{root}/gradebook.db"
    if quoted != root and url.startswith(f"sqlite:///{root}/"):
        config.CourseDirectory.db_url = url.replace(root, quoted, 1)


def _texts(notebook: NotebookNode) -> list[tuple[str, str, Any, Any]]:
    """Return what a person sees of a notebook's cells, but for what they put out."""
    return [
        (cell.cell_type, cell.source, cell.get("attachments"), cell.metadata.get("nbgrader"))
        for cell in notebook.cells
    ]


def _head(path: Path) -> bytes | None:
    """Return a submitted file; of one too large to be graded its size: it may exceed all memory.

    What is no ordinary file has none.
    """
    try:
        with open_file(path.parents[2], path.parts[-3:]) as opened:
            size = opened.about.st_size
            return opened.file.read() if size <= MAX_BYTES else f"{size} bytes".encode()
    except (OSError, RefusedError):
        return None


def _read_regular(path: Path) -> bytes:
    """Return the bytes of a submitted file that is a file: no link, no folder, not too large.

    The folders of the student and of the assignment are no links, either.

    Raises
    ------
    FileNotFoundError
        If it is not there; the message lists what is.
    UnreadableError
        If it is something else.
    """
    try:
        with open_file(path.parents[2], path.parts[-3:]) as opened:
            return opened.file.read(MAX_BYTES + 1)
    except RefusedError as error:
        raise UnreadableError(f"{path.name} {error}") from error
    except FileNotFoundError:
        names = sorted(_shown(p.name) for p in path.parent.iterdir())
        found = ", ".join(names[:10]) or "nothing"
        words = f"{path.name} is not there; the folder holds {found}"
        raise FileNotFoundError(words) from None
    except OSError as error:
        raise UnreadableError(f"{path.name} cannot be read ({error.strerror})") from error


def _shown(name: str) -> str:
    """Return a file's name as it can be printed anywhere: escaped, and not too long."""
    return name.encode("unicode_escape").decode("ascii")[:80]


@contextlib.contextmanager
def _tools_of_this_python() -> Iterator[None]:
    """Put this interpreter's folder first on PATH: nbgrader calls `alembic` by its bare name."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _subfolders(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _is_text(name: str) -> bool:
    """Whether a file's name could be decoded: Python puts surrogates where it could not."""
    return not any("\ud800" <= c <= "\udfff" for c in name)


def _check(kind: str, given: str | None, allowed: list[str], where: Path) -> None:
    if given is not None and given not in allowed:
        raise UnknownNameError(kind, given, allowed, where.name)


def _last_line(result: Mapping[str, Any]) -> str:
    """Return the last informative line of what nbgrader logged."""
    text = str(result.get("log") or result.get("error") or "no message")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "Error" in line or "Exception" in line]
    return (told or lines)[-1][:300]


def course_of(config: Config) -> Course:
    """Return the course that one of nbgrader's own commands is run in, by its settings."""
    return Course(Path(CourseDirectory(config=config).root), settings=config)


@contextmanager
def fresh_releases(course: Course, submissions: Sequence[Submission]) -> Iterator[Path]:
    """Release the assignments of some submissions into a folder that is gone afterwards."""
    with TemporaryDirectory() as scratch:
        for assignment in sorted({s.assignment for s in submissions}):
            course.release(assignment, to=Path(scratch))
        yield Path(scratch)
