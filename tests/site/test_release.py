"""What students get: the zip files hold the exercises, how to start, and nothing of the staff's."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from pages import ROOT, TOPICS
from test_html import secrets

KIT = {"README.md", "requirements.txt", "start.py", "versions.txt"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release beside a site of one page: the real one is examined where it is built."""
    site, to = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("release") / "out"
    (site / "index.html").write_text("the book")
    command = [sys.executable, ROOT / "book" / "release.py", site, to]
    subprocess.run(command, check=True, capture_output=True)
    return to


def content(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def answers() -> list[str]:
    """Return lines of worked answers: those of some length that the released notebook lacks."""
    lines = []
    for topic in TOPICS:
        source, released = (
            nbformat.read(ROOT / folder / topic / f"{topic}.ipynb", as_version=4)
            for folder in ("solutions", "exercises")
        )
        given = "\n".join(c.source for c in released.cells)
        regions = re.findall(
            r"### BEGIN SOLUTION\n(.*?)### END SOLUTION",
            "\n".join(c.source for c in source.cells),
            re.DOTALL,
        )
        lines += [
            line.strip()
            for line in "\n".join(regions).splitlines()
            if len(line.strip()) > 30 and line.strip() not in given
        ]
    return lines


def test_each_zip_holds_its_notebooks_and_how_to_start_and_no_more(release: Path) -> None:
    """One folder, so that one assignment's unpacks beside another's; all in `exercises.zip`."""
    wanted = {topic: {topic} for topic in TOPICS} | {"exercises": set(TOPICS)}
    for name, topics in wanted.items():
        files = KIT | {f"{topic}/{topic}.ipynb" for topic in topics}

        assert set(content(release / f"{name}.zip")) == {f"convolutions/{file}" for file in files}
    assert {p.stem for p in release.glob("*.zip")} == {*wanted, "site"}


def test_nothing_of_the_staff_s_is_in_a_zip(release: Path) -> None:
    """Canaries: every line of the worked answers, hidden tests, essays and marking schemes."""
    hidden = [*secrets(), *answers(), "problems", "MARK SCHEME"]
    leaks = [
        (path.name, name, line)
        for path in release.glob("*.zip")
        for name, text in content(path).items()
        for line in hidden
        if re.search(rf"(?<!\w){re.escape(line)}(?!\w)", text)
    ]

    assert len(hidden) > 150
    assert leaks == []


def test_the_environment_is_that_of_the_lock(release: Path) -> None:
    """pip takes the four packages in the versions of the course; each of them is in the lock."""
    files = content(release / "edges.zip")
    needed = files["convolutions/requirements.txt"].splitlines()
    pinned = dict(line.split("==") for line in files["convolutions/versions.txt"].split())

    assert "-c versions.txt" in needed
    assert files["convolutions/versions.txt"] == (ROOT / "requirements.lock").read_text()
    assert {n for n in needed if n[0] not in "#-"} == {
        "jupyterlab",
        "matplotlib",
        "nbgrader",
        "torch",
    }
    assert {"jupyterlab", "matplotlib", "nbgrader", "torch"} <= set(pinned)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["validate", "edgse"], "there is no 'edgse' here; there are: edges"),
        (["edges"], "write `start.py`, or `start.py validate edges`"),
    ],
)
def test_a_student_s_mistake_is_one_line(
    release: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    """Before anything is installed."""
    with zipfile.ZipFile(release / "edges.zip") as bundle:
        bundle.extractall(tmp_path)
    command = [sys.executable, tmp_path / "convolutions" / "start.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "convolutions" / ".venv").exists()


@pytest.fixture
def folder(release: Path, tmp_path: Path) -> Path:
    """An unpacked kit, with an environment that is ready: the one of these tests."""
    with zipfile.ZipFile(release / "edges.zip") as bundle:
        bundle.extractall(tmp_path)
    environment = tmp_path / "convolutions" / ".venv"
    environment.mkdir()
    (environment / "bin").symlink_to(Path(sys.executable).parent)
    (environment / "ready").touch()
    return tmp_path / "convolutions"


def start(folder: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the kit's `start.py`."""
    command = [sys.executable, folder / "start.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def pretend(folder: Path, program: str, script: str) -> None:
    """Put a program in the place of one of the environment's."""
    (folder / ".venv" / "bin").unlink(missing_ok=True)
    (folder / ".venv" / "bin").mkdir(exist_ok=True)
    path = folder / ".venv" / "bin" / program
    path.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    path.chmod(0o755)


def test_a_finished_notebook_validates_in_an_environment_that_is_ready(folder: Path) -> None:
    """`start.py validate` is `nbgrader validate`, without another installation."""
    done = start(folder, "validate", "edges/")  # as a shell completes it

    assert "NotImplementedError" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "content",
    [
        b'{"cells": [',
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b'{"cells": []}',
        pytest.param(b'{"cells": [1]}', marks=pytest.mark.campaign),  # found by nbgrader
    ],
)
def test_a_damaged_notebook_is_one_line(folder: Path, content: bytes) -> None:
    """No traceback of nbgrader's."""
    (folder / "edges" / "edges.ipynb").write_bytes(content)
    done = start(folder, "validate", "edges")

    assert done.stderr.splitlines() == [
        "start.py: edges/edges.ipynb could not be checked: "
        "it is damaged or cut off; take a copy, or a new one"
    ]
    assert done.returncode == 1


TRACEBACK = """import sys
print("    Traceback (most recent call last):\\n      File x\\n    " + RAISED, file=sys.stderr)
print("[ValidateApp | ERROR] nbgrader encountered a fatal error", file=sys.stderr)
sys.exit(1)
"""


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        ("nbclient.exceptions.CellTimeoutError: A cell timed out", "a cell took more than 10 min"),
        ("nbclient.exceptions.DeadKernelError: Kernel died", "its Python ended"),
        ("nbformat.reader.NotJSONError: Notebook does not", "it is damaged or cut off"),
        ("jupyter_client.kernelspec.NoSuchKernel: No such kernel", "it names another kernel"),
        ("RuntimeError: Kernel didn't respond in 600 s", "RuntimeError: Kernel didn't respond"),
        ("OSError: [Errno 28] No space left on device", "OSError: [Errno 28] No space left"),
    ],
)
def test_whatever_ends_the_check_is_one_line(folder: Path, raised: str, says: str) -> None:
    """The exception decides the sentence; one that is not known is told as it is."""
    pretend(folder, "nbgrader", TRACEBACK.replace("RAISED", repr(raised)))
    done = start(folder, "validate", "edges")

    assert len(done.stderr.splitlines()) == 1
    assert f"edges/edges.ipynb could not be checked: {says}" in done.stderr


def test_a_cell_has_ten_minutes_which_a_busy_machine_does_not_reach(folder: Path) -> None:
    """For running, for showing its outputs, and for the kernel's start."""
    pretend(folder, "nbgrader", "import sys\nprint(sys.argv[1:])")
    done = start(folder, "validate", "edges")

    for limit in ("timeout", "iopub_timeout", "startup_timeout"):
        assert f"'--Execute.{limit}=600'" in done.stdout


def test_what_hinders_the_installation_is_one_line(folder: Path) -> None:
    """No network, no room, no rights, half a kit, an environment that was moved."""
    (folder / ".venv" / "bin").unlink()
    assert "the environment .venv does not work" in start(folder, "validate", "edges").stderr
    (folder / ".venv" / "ready").unlink()
    off = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
    done = start(folder, env={k: v for k, v in off.items() if k != "PIP_FIND_LINKS"})
    assert "the packages could not be installed; is the network there?" in done.stderr
    assert re.search(r"pip: (Could not find|Cannot install)", done.stderr)
    (folder / "requirements.txt").unlink()
    half = start(folder)
    assert "unpack the whole zip file" in half.stderr
    assert [len(x.stderr.splitlines()) for x in (done, half)] == [1, 1]
    assert not (folder / ".venv" / "ready").exists()


FULL = """import errno, runpy, sys, venv
def create(*_, **__):
    raise ERROR
venv.create = create
sys.argv = ["start.py"]
runpy.run_path("start.py", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("OSError(errno.ENOSPC, 'full')", "the disk is full; make room"),
        ("PermissionError(errno.EACCES, 'no')", "nothing can be written to this folder"),
        ("ImportError('ensurepip')", "Python cannot make an environment here"),
        ("KeyboardInterrupt()", "stopped; run it again to go on"),
    ],
)
def test_an_environment_that_cannot_be_made_is_one_line(
    folder: Path, error: str, says: str
) -> None:
    """Each with what to do about it."""
    (folder / ".venv" / "ready").unlink()
    script = FULL.replace("ERROR", error)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    assert len(done.stderr.splitlines()) == 1
    assert f"start.py: {says}" in done.stderr


def test_an_old_python_can_read_that_it_is_too_old(release: Path) -> None:
    """Nothing in `start.py` is newer than Python 3.6."""
    source = content(release / "edges.zip")["convolutions/start.py"]
    tree = ast.parse(source, feature_version=(3, 6))
    annotations = [
        n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f.args)
    ]

    assert "from __future__" not in source
    assert not [n for n in annotations if isinstance(n, ast.Subscript)]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.NamedExpr | ast.Match)]


@pytest.mark.parametrize("address", ["", "https://example.org/convolutions/"])
def test_how_to_start_says_where_the_book_is(tmp_path: Path, address: str) -> None:
    """The address of publication if there is one, else that the instructor knows."""
    (tmp_path / "site").mkdir()
    subprocess.run(
        [sys.executable, ROOT / "book" / "release.py", tmp_path / "site", tmp_path / "to"],
        check=True, capture_output=True, env={**os.environ, "SITE_URL": address},
    )  # fmt: skip
    text = content(tmp_path / "to" / "edges.zip")["convolutions/README.md"]

    assert (
        f"The book that goes with them is {address or 'where your instructor has put it'};" in text
    )


def test_two_releases_are_the_same_bytes(release: Path, tmp_path: Path) -> None:
    """Who has downloaded one can see that the next is no other."""
    command = [sys.executable, ROOT / "book" / "release.py", release / "site", tmp_path / "out"]
    subprocess.run(command, check=True, capture_output=True)
    old, new = (
        {p.name: p.read_bytes() for p in d.glob("*.zip")} for d in (release, tmp_path / "out")
    )

    assert old == new
