"""nbgrader's `generate_feedback` with our pages: `c.GenerateFeedback.exporter_class` names this.

The command, the button in formgrader and this engine then write the same page, by the same code.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import Unicode, default

from nbexaminer.errors import WrongInputError
from nbexaminer.feedback import page as feedback
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import course_of


class FeedbackExporter(Exporter):
    """Turns a graded notebook into the page that its student may read."""

    book = Unicode("", help="Public address of the book's pages, which hints link into.").tag(
        config=True
    )

    @default("file_extension")
    def _file_extension(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the page of a notebook, with the points and comments of the gradebook.

        Parameters
        ----------
        nb : NotebookNode
            As it was graded, by this engine or by ``nbgrader autograde``.
        resources : dict
            ``resources["nbgrader"]`` names the student, the assignment and the notebook.

        Raises
        ------
        WrongInputError
            If it is none of nbgrader's resources, so that nobody knows whose notebook it is.
        """
        about = (resources or {}).get("nbgrader")
        if not about:
            raise WrongInputError("feedback pages are made by nbgrader generate_feedback alone")
        course = course_of(self.config)
        who = Submission(about["student"], about["assignment"])
        page = feedback.page_of(course, who, about["notebook"], nb)
        return page, {**resources, "output_extension": self.file_extension}
