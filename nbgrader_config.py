"""nbgrader's settings: answers in solutions/, releases in exercises/, the class in grading/."""

from pathlib import Path

from nbexaminer import use

c = get_config()  # noqa: F821  (nbgrader defines it where it runs this file)

ROOT = Path(__file__).resolve().parent
(ROOT / "grading").mkdir(exist_ok=True)  # SQLite makes the gradebook, but not its folder

c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "convolutions"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
GRADEBOOK = str(ROOT / "grading" / "gradebook.db").replace("%", "%25").replace("?", "%3F")
c.CourseDirectory.db_url = f"sqlite:///{GRADEBOOK}"  # where ? would end the path
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "README*",
    "feedback",
]

# Students' cells run in a sandbox, graded cells in a process of their own (instructor guide).
use(c, secret=ROOT / "grading" / "secret", hide=["convolutions", "problems"])
c.Journal.inputs = ["src/convolutions", "src/problems", "requirements.lock"]  # change, regrade
c.Report.book = "_build/html/book"  # where the class report links to
c.Report.chapters = "book"  # whose headings name sections, in the report and in feedback
c.FeedbackExporter.book = ""  # public address of the book's pages, for links in feedback
c.ExecutePreprocessor.timeout = 120
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError"}
c.ClearSolutions.text_stub = "*Your answer here.*"
