"""Makes the environment of the exercises, once, and opens them: `python3 start.py`.

`python3 start.py validate edges` runs the checks of a notebook as grading does.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
READY = ENVIRONMENT / "ready"
TOO_OLD = "start.py: this is Python {}.{}; the exercises need 3.11 or newer"
NO_VENV = "start.py: Python cannot make an environment here (Debian: apt-get install python3-venv)"
NOT_INSTALLED = "start.py: the packages could not be installed; is the network there? Run it again."


def main(arguments: list[str]) -> int:
    """Open JupyterLab, or validate a notebook; return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036  (a student's Python is any)
        sys.exit(TOO_OLD.format(*sys.version_info[:2]))
    if arguments and (len(arguments) != 2 or arguments[0] != "validate"):
        sys.exit("start.py: write `start.py`, or `start.py validate edges`")
    notebook = HERE / arguments[1] / f"{arguments[1]}.ipynb" if arguments else None
    if notebook and not notebook.is_file():
        there = ", ".join(sorted(p.parent.name for p in HERE.glob("*/*.ipynb")))
        sys.exit(f"start.py: there is no {arguments[1]!r} here; there are: {there or 'none'}")
    if not READY.exists():
        install()
    if notebook:
        return run("nbgrader", "validate", str(notebook))
    return run("jupyter", "lab")


def install() -> None:
    """Make the environment; a half-made one is made again."""
    print("installing what requirements.txt names, once; this takes some minutes …", flush=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit(NO_VENV)
    if run("python", "-m", "pip", "install", "--quiet", "-r", "requirements.txt"):
        sys.exit(NOT_INSTALLED)
    READY.touch()


def run(program: str, *arguments: str) -> int:
    """Run a program of the environment in this folder, and return its exit code."""
    return subprocess.run([PROGRAMS / program, *arguments], cwd=HERE, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
