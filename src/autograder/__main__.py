"""`python -m autograder`."""

import os
import sys

from autograder.imports import at_once

with at_once():
    from autograder.execution import early

    elsewhere = any(given.startswith(("-h", "--he", "--sc")) for given in sys.argv)
    if "grade" in sys.argv and not elsewhere:
        early.begin(early.guessed(sys.argv))  # while the commands are read
        os.nice(4)  # what has begun takes longer, and goes first

    from autograder.cli.main import main

raise SystemExit(main())
