"""What an nbgrader course puts into its ``nbgrader_config.py`` for this engine to grade it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

PREPROCESSORS = (  # nbgrader's default list, with its `Execute` replaced
    "nbexaminer.nbgrader.preprocessor.IsolatedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)


def use(c: Any, *, secret: Path | str = "", hide: Sequence[str] = ()) -> None:
    """Have nbgrader's commands and formgrader's buttons grade by this engine, too.

    Students' cells run in a sandbox, graded cells in a process of their own; feedback shows nothing
    hidden, and formgrader runs no script of a student's.

    Parameters
    ----------
    c : Config
        What ``get_config()`` returned in ``nbgrader_config.py``.
    secret : Path or str, optional
        File for the course's secret, from which hidden inputs are drawn; made if it is not there.
    hide : sequence of str
        Packages that students' code must not see, wherever they are installed: those of worked
        answers and tests.

    Examples
    --------
    >>> from traitlets.config import Config
    >>> c = Config()
    >>> use(c, secret="grading/secret")
    >>> c.GenerateFeedback.exporter_class
    'nbexaminer.feedback.exporter.FeedbackExporter'
    """
    c.Autograde.autograde_preprocessors = list(PREPROCESSORS)
    c.GenerateFeedback.exporter_class = "nbexaminer.feedback.exporter.FeedbackExporter"
    c.HTMLExporter.preprocessors = ["nbexaminer.feedback.staff_view.StaffView"]
    c.IsolatedExecute.hidden_packages = list(hide)
    if secret:
        c.IsolatedExecute.secret_file = str(secret)
