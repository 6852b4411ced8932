"""Makes the environment of the exercises, once, and opens them: `python3 start.py`.

`python3 start.py validate edges` runs the checks of a notebook as grading does. A student's Python
is any: one of 3.6 must be able to read this file, or it could not say that it is too old.
"""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import NoReturn

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
READY = ENVIRONMENT / "ready"
LOG = ENVIRONMENT / "install.log"
MINUTES = 10  # that a cell may take, by the clock: a right answer takes less on the busiest machine
LEAST = 10**9  # bytes that an environment needs, without libraries for GPUs

USE = "write `start.py`, or `start.py validate edges`"
TOO_OLD = "this is Python {}.{}; the exercises need 3.11 or newer"
NO_VENV = "Python cannot make an environment here (Debian: apt-get install python3-venv)"
NOT_UNPACKED = "requirements.txt is missing; unpack the whole zip file, and run it there"
NO_ROOM = "the disk is full; make room (README.md says how much) and run it again"
NOT_ALLOWED = "nothing can be written to this folder; unpack the zip file into another one"
NOT_INSTALLED = "the packages could not be installed; is the network there? Run it again. pip: "
BROKEN = (
    "the environment .venv does not work; was it moved, or Python removed? Delete it, run again"
)
INSTALLING = "installing what requirements.txt names, once; this takes some minutes …"
FOR_GPUS = (
    "2.7 GB come over the network, most of it for GPUs, which the exercises do not use; without,\n"
    "with the ADDRESS that pytorch.org shows for Linux, Pip and CPU:\n"
    "    PIP_EXTRA_INDEX_URL=ADDRESS python3 start.py"
)
DAMAGED = "it is damaged or cut off; take a copy, or a new one"
CAUSES = {  # what ends nbgrader's check of a whole notebook, by the name of the exception
    "NotJSONError": DAMAGED,
    "JSONDecodeError": DAMAGED,
    "UnicodeDecodeError": DAMAGED,
    "NotebookValidationError": DAMAGED,
    "AttributeError": DAMAGED,
    "KeyError": DAMAGED,
    "ValidationError": "given cells were copied or changed; put your answers into a new one",
    "DeadKernelError": "its Python ended; does a cell call exit(), or take all the memory?",
    "CellTimeoutError": f"a cell took more than {MINUTES} minutes; does each loop end?",
    "NoSuchKernel": "it names another kernel; choose Kernel, Change Kernel, Python 3 in JupyterLab",
    "PermissionError": "you are not allowed to read it",
}


def main(arguments: list) -> int:
    """Open JupyterLab, or validate a notebook; return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036  (a student's Python is any)
        stop(TOO_OLD.format(*sys.version_info[:2]))
    if arguments and (len(arguments) != 2 or arguments[0] != "validate"):
        stop(USE)
    notebook = find(arguments[1].rstrip("/\\")) if arguments else None
    if not READY.exists():
        install()
    return validate(notebook) if notebook else run("jupyter", "lab").returncode


def stop(line: str) -> NoReturn:
    """End with one line that says why."""
    sys.exit(f"start.py: {line}")


def find(name: str) -> str:
    """Return an assignment's notebook, as seen from this folder."""
    there = sorted(p.name for p in HERE.iterdir() if (p / f"{p.name}.ipynb").is_file())
    if name not in there:
        stop(f"there is no {name!r} here; there are: {', '.join(there) or 'none'}")
    return f"{name}/{name}.ipynb"


def install() -> None:
    """Make the environment; a half-made one is made again."""
    if not (HERE / "requirements.txt").is_file():
        stop(NOT_UNPACKED)
    if shutil.disk_usage(HERE).free < LEAST:
        stop(NO_ROOM)
    print(INSTALLING, flush=True)
    if sys.platform == "linux" and "PIP_EXTRA_INDEX_URL" not in os.environ:
        print(FOR_GPUS, flush=True)
    try:
        import venv  # some systems leave it out

        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        with LOG.open("w") as log:
            command = ("python", "-m", "pip", "install", "--quiet", "-r", "requirements.txt")
            failed = run(*command, stdout=log, stderr=log).returncode
        if failed:
            stop(pip_s_reason(LOG.read_text(errors="replace")))
        READY.touch()
    except (ImportError, subprocess.CalledProcessError):
        stop(NO_VENV)
    except OSError as error:
        stop(NO_ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT) else NOT_ALLOWED)


def pip_s_reason(said: str) -> str:
    """Return why pip failed, in a line: its first error."""
    if "No space left" in said:
        return NO_ROOM
    reasons = re.findall(r"^ERROR: (.*)", said, re.MULTILINE) or said.split("\n")[-2:-1]
    return NOT_INSTALLED + (reasons[0] if reasons else "nothing")


def validate(notebook: str) -> int:
    """Print what nbgrader's checks say of a copy of the notebook; return the exit code."""
    if is_cut_off(HERE / notebook):
        stop(f"{notebook} could not be checked: {DAMAGED}")
    print(f"checking {notebook}, each cell for {MINUTES} minutes at the most …", flush=True)
    limits = [f"--Execute.{x}={60 * MINUTES}" for x in ("timeout", "iopub_timeout")]
    limits.append(f"--Execute.startup_timeout={60 * MINUTES}")
    done = run("nbgrader", "validate", notebook, *limits, stdout=PIPE, stderr=PIPE)
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        stop(f"{notebook} could not be checked: {nbgrader_s_reason(said)}")
    print(done.stdout.decode(errors="replace"), end="", flush=True)
    return 0


def is_cut_off(path: Path) -> bool:
    """Tell whether a file that can be read is no notebook: known at once, without nbgrader."""
    try:
        return not json.loads(path.read_bytes().decode("utf-8"))["cells"]
    except OSError:
        return False  # nbgrader says why
    except (ValueError, LookupError, TypeError):
        return True


def nbgrader_s_reason(said: str) -> str:
    """Return why nbgrader failed, in a line: what is known of the exception, or the exception."""
    raised = re.findall(r"^ *(?:\w+\.)*([A-Z]\w*)(?:: (.*))?$", said, re.MULTILINE)
    known = [CAUSES[kind] for kind, _ in raised if kind in CAUSES]
    last = ": ".join(filter(None, raised[-1])) if raised else said.strip().split("\n")[-1]
    return known[-1] if known else last


def run(program: str, *arguments: str, **options: object) -> subprocess.CompletedProcess:
    """Run a program of the environment in this folder, and return how it ended."""
    try:
        return subprocess.run([PROGRAMS / program, *arguments], cwd=HERE, check=False, **options)
    except OSError:
        stop(BROKEN)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("start.py: stopped; run it again to go on")
