"""`python -m nbexaminer`, and the command `nbexaminer`."""

import os
import sys

from nbexaminer.imports import at_once


def main() -> int:
    """Run the command that the arguments name; return its exit code."""
    with at_once():
        from nbexaminer.execution import prestart

        elsewhere = any(given.startswith(("-h", "--he", "--sc")) for given in sys.argv)
        if "grade" in sys.argv and not elsewhere:
            prestart.begin(prestart.guessed(sys.argv))  # while the commands are read
            os.nice(4)  # what has begun takes longer, and goes first

        from nbexaminer.cli.main import main as run
    return run()


if __name__ == "__main__":
    raise SystemExit(main())
