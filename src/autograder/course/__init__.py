"""The edge to nbgrader: the only room that calls it. A course is a folder with its config.

`folders` finds things, `marking` runs and judges a submission, `gradebook` keeps what came of it;
formgrader and the `nbgrader` command see the same gradebook.
"""

from autograder.course.facts import STATUSES, VERDICTS, Result, Submission, Verdict
from autograder.course.folders import CONFIG, Course, read_notebook

__all__ = [
    "CONFIG",
    "STATUSES",
    "VERDICTS",
    "Course",
    "Result",
    "Submission",
    "Verdict",
    "read_notebook",
]
