"""nbgrader's exchange in a folder, for tests."""

from __future__ import annotations

from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config import Config


class Exchange:
    """nbgrader's exchange in a folder, used by the course and by one student."""

    def __init__(self, course: Path, root: Path) -> None:
        self.root, self.student = root / "exchange", root / "student"
        self.root.mkdir()
        self.root.chmod(0o777)
        self.student.mkdir()
        where = f'\nc.Exchange.root = "{self.root}"\n'
        config = course / "nbgrader_config.py"
        config.write_text(config.read_text() + where)

    def do(self, what: str, folder: Path) -> None:
        """Do what the command of nbgrader of that name does."""
        config = Config()
        config.CourseDirectory.update(
            {"root": str(folder), "course_id": "sums", "assignment_id": "sums"}
        )
        config.Exchange.update(
            {
                "root": str(self.root),
                "cache": str(folder / "cache"),
                "assignment_dir": str(folder),
                "path_includes_course": False,
            }
        )
        kind = getattr(ExchangeFactory(config=config), what)
        directory, known = CourseDirectory(config=config), Authenticator(config=config)
        kind(coursedir=directory, authenticator=known, config=config).start()
