"""Cells that claim to be something else: tags, points, ids, locks."""

from hostile import Hostile, Notebook


def cell(book: Notebook, grade_id: str) -> Notebook:
    return next(
        c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def skip_tests(book: Notebook) -> None:
    for c in book["cells"]:
        c["metadata"]["tags"] = ["skip-execution", "remove-cell", "raises-exception"]


def thousand_points(book: Notebook) -> None:
    cell(book, "test_add")["metadata"]["nbgrader"]["points"] = 1000


def unlocked_test(book: Notebook) -> None:
    test = cell(book, "test_add")
    test["source"] = "2"
    test["metadata"]["nbgrader"].update(locked=False, checksum="0" * 32)


def test_as_solution(book: Notebook) -> None:
    test = cell(book, "test_add")
    test["source"] = "2"
    test["metadata"]["nbgrader"].update(solution=True, locked=False)


def test_as_markdown(book: Notebook) -> None:
    cell(book, "test_add")["cell_type"] = "markdown"


def test_as_task(book: Notebook) -> None:
    cell(book, "test_add")["metadata"]["nbgrader"].update(grade=False, task=True)


def test_of_another_id(book: Notebook) -> None:
    cell(book, "test_add")["metadata"]["nbgrader"]["grade_id"] = "test_nothing"


def answer_as_test(book: Notebook) -> None:
    answer = cell(book, "add")
    answer["metadata"]["nbgrader"].update(grade_id="test_add", grade=True, points=2)
    answer["source"] = "2"


def new_graded_cell(book: Notebook) -> None:
    mark = {"grade": True, "solution": False, "locked": False, "task": False, "points": 50,
            "schema_version": 3, "grade_id": "bonus"}  # fmt: skip
    book["cells"].append({"cell_type": "code", "id": "bonus", "source": "50", "outputs": [],
                          "execution_count": None, "metadata": {"nbgrader": mark}})  # fmt: skip


def old_outputs(book: Notebook) -> None:
    cell(book, "test_add")["outputs"] = [
        {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "2"},
         "metadata": {}}
    ]  # fmt: skip


WRONG = "def add(a, b):\n    return 0"
SUBMISSIONS = [
    Hostile("tags that skip execution", WRONG, edit=skip_tests),
    Hostile("a thousand points", WRONG, edit=thousand_points),
    Hostile("a test cell rewritten and unlocked", WRONG, edit=unlocked_test),
    Hostile("a test cell declared a solution", WRONG, edit=test_as_solution),
    Hostile("a test cell turned into markdown", WRONG, edit=test_as_markdown),
    Hostile("a test cell declared a task", WRONG, edit=test_as_task),
    Hostile("a test cell renamed away", WRONG, edit=test_of_another_id),
    Hostile("an answer cell that claims the test's id", WRONG, edit=answer_as_test),
    Hostile("a graded cell of its own", WRONG, edit=new_graded_cell),
    Hostile("an output left in a test cell", WRONG, edit=old_outputs),
]
