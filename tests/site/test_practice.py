"""Answers in the page, as a reader gives them: from the first click to a graded notebook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import ROOT, page
from playwright.sync_api import BrowserContext, Locator, Page
from tabs import Tab

from nbexaminer.cli.main import main
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.problems.problem import Problem
from nbexaminer.problems.sample_class import as_answer
from problems import TOPICS, bank

TOPIC, TASK = "correlation", "corr2d"
PROBLEMS = {problem.name: problem for problem in bank()[TOPIC]}
UNLIKE = {  # in the page, and why
    "output_shape_module": "it uses what the stand-in for PyTorch lacks, and is told so",
    "layer_costs_module": "the same",
    "solve_kernel_lstsq_a_driver_for_full_rank": "the same",
    "solve_kernel_pinv_inverting_a_matrix_that_has_no_inverse": "it is known by rounding noise",
    "solve_kernel_lstsq_a_matrix_that_has_no_inverse": "the same",
    "solve_kernel_lstsq_a_strong_ridge": "the same",
    "conv2d_fft_complex_transform_float64_loses_half_of_its_digits": "the same",
    "largest_stable_lr_eigenvalue_a_tensor_in_place_of_a_number": "another of its names is told",
    "solve_kernel_pinv_input_changed_in_place": "the same",
    "conv2d_full_padded_zeros_for_half_the_kernel_only": "a sign of the second needs NumPy",
    "learn_kernel_by_formula_the_gradient_cut_to_length_1": "the same points, and no name is told",
    "solve_kernel_pinv_a_bias_learned_beside_the_kernel": "the same",
}
READY = 120_000  # milliseconds that Python may take to start on a busy machine
ASK = """async ([topic, name, source]) => {
  const bench = await convolutions.workbench(topic);
  convolutions.practice.limit = 120;
  const answer = bench.notebook.answer(name);
  const reply = await bench.python.ask("check", { task: name, setup: bench.notebook.setup,
    before: [], source, check: answer.check });
  return reply.outcome ?? reply;
}"""


def opened(tab: Page, task: str = TASK) -> Locator:
    """Open the editor of a task, and wait for Python."""
    place = tab.locator(f"practice-task[data-task={task}]")
    place.get_by_role("button", name="Answer here").click()
    place.get_by_text("Python is ready").wait_for(timeout=READY)
    return place


def asked(place: Locator, source: str, button: str) -> str:
    """Write an answer, press a button, and return the sentence that comes."""
    field = place.get_by_role("textbox")
    field.click()
    field.press("Control+a")
    place.page.keyboard.insert_text(source)
    place.get_by_role("button", name=button, exact=True).click()
    place.and_(place.page.locator("[aria-busy=false]")).wait_for(timeout=READY)
    return str(place.get_by_role("status").text_content())


def right(problem: Problem) -> str:
    return as_answer(problem.right[0], problem.name)


def wrong(problem: Problem, name: str) -> str:
    wrong_answer = next(m.wrong_answer for m in problem.misconceptions if m.name == name)
    return as_answer(wrong_answer, problem.name)


def test_a_page_loads_nothing_of_the_practice_before_it_is_asked(context: BrowserContext) -> None:
    """One small script; the button says how much there is to come."""
    tab = context.new_page()
    tab.goto(page(f"exercises/{TOPIC}/{TOPIC}").as_uri())
    loaded = tab.evaluate("() => [...document.scripts].map(s => s.src).filter(s => s)")
    button = tab.locator("practice-task").first

    ours = [Path(src).name.split("?")[0] for src in loaded if "_static/practice/" in src]

    assert ours == ["practice.js"]
    assert "MB of this book; nothing leaves your device" in str(button.text_content())


def graded(folder: Path, notebook: Path, topic: str) -> dict[str, float]:
    """Hand a notebook in to a course, grade it, and return its points by cell."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for step in ("solutions", "exercises"):
        shutil.copytree(ROOT / step / topic, folder / step / topic)
    target = folder / "grading" / "submitted" / "ada" / topic
    target.mkdir(parents=True)
    shutil.copy(notebook, target / f"{topic}.ipynb")
    assert main(["--course", str(folder), "grade", "--assignment", topic, "--workers", "1"]) == 0
    who = Submission("ada", topic)
    return dict(Course(folder).recorded([who])[who])


@pytest.mark.parametrize(
    "tab", [("large-phone", "dark", {"accept_downloads": True})], indirect=True
)
def test_a_reader_is_told_the_mistake_mends_it_and_hands_in(tab: Tab, tmp_path: Path) -> None:
    """Three clicks from the first page to the mistake; the engine gives what the page said."""
    screen = tab.open("book/index", typeset=False)
    screen.get_by_role("link", name="Write the first function").click()
    screen.on("dialog", lambda dialog: dialog.accept())
    place = opened(screen)
    mistake = asked(place, wrong(PROBLEMS[TASK], "no +1 in the output size"), "Check")
    link = place.get_by_role("link", name="Read: ").get_attribute("href")
    assert mistake.endswith("It looks like: no +1 in the output size.")
    assert str(link).endswith("book/correlation.html#output-size")
    example = place.get_by_role("group", name="A small input on which it is wrong")
    assert example.locator(".pr-table").count() >= 2
    assert str(example.get_by_role("group", name="The call").text_content()).startswith("corr2d(")
    assert (tab.asked, tab.complaints) == ([], [])  # axe asks for style sheets, in vain
    faults = Axe().run(screen).response["violations"]
    assert [(f["id"], [n["target"] for n in f["nodes"]]) for f in faults] == []
    assert screen.evaluate("document.documentElement.scrollWidth") == 390

    assert asked(place, right(PROBLEMS[TASK]), "Check").startswith("5 of 5 criteria are met")
    other = screen.locator("practice-task[data-task=output_shape]")
    other.get_by_role("button", name="Answer here").click()
    ignored = wrong(PROBLEMS["output_shape"], "padding, stride and dilation ignored")
    assert "padding, stride and dilation ignored" in asked(other, ignored, "Check")
    screen.reload()
    assert "5 of 5 criteria met" in str(place.text_content())
    with screen.expect_download() as saved:
        screen.get_by_role("button", name="Download my notebook").click()
    notebook = tmp_path / saved.value.suggested_filename
    saved.value.save_as(notebook)
    nbformat.validate(nbformat.read(notebook, as_version=4))
    points = graded(tmp_path, notebook, TOPIC)
    kept = sum(points[f"test_{name}"] for name in PROBLEMS)

    assert points["test_corr2d"] == 3
    assert (
        kept
        == 3
        + PROBLEMS["output_shape"]
        .examine(_wrong_answer("padding, stride and dilation ignored"))
        .earned
    )
    screen.get_by_role("button", name="Forget everything").click()
    assert place.get_by_role("button").text_content() == "Answer here"
    screen.locator("practice-notebook input").set_input_files(notebook)
    screen.get_by_text("are here: corr2d, output_shape").wait_for()
    assert place.get_by_role("button").text_content() == "Go on with your answer"


def _wrong_answer(name: str) -> Any:
    return next(m.wrong_answer for m in PROBLEMS["output_shape"].misconceptions if m.name == name)


def test_runs_that_go_wrong_end_and_the_next_one_works(context: BrowserContext) -> None:
    """A loop by itself and by *Stop*, a gigabyte, by keyboard alone; Tab leads out after Escape."""
    tab = context.new_page()
    tab.goto(page(f"exercises/{TOPIC}/{TOPIC}").as_uri())
    place = opened(tab)
    assert "asked for more memory" in asked(place, "x = [0] * 2**28", "Run")
    tab.evaluate("() => { convolutions.practice.limit = 1; }")
    assert "took more than 1 seconds" in asked(place, "while True: pass", "Run")
    tab.evaluate("() => { convolutions.practice.limit = 10; }")
    field, status = place.get_by_role("textbox"), place.get_by_role("status")
    field.press("Control+a")
    tab.keyboard.insert_text("while True: pass")
    tab.keyboard.press("Shift+Enter")
    place.get_by_text("Running …").wait_for(timeout=READY)
    place.get_by_role("button", name="Stop").click()
    place.get_by_text("The run was stopped.").wait_for()
    field.press("Control+a")
    tab.keyboard.insert_text("if True:")
    tab.keyboard.press("Enter")
    tab.keyboard.insert_text("print(6 * 7)")
    tab.keyboard.press("Home")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Tab")
    focused = tab.locator(":focus")
    assert focused.text_content() == "Run"
    tab.keyboard.press("Enter")
    place.and_(tab.locator("[aria-busy=false]")).wait_for(timeout=READY)
    assert status.text_content() == "It ran."
    assert place.locator(".pr-output").text_content() == "42\n"


@pytest.mark.campaign
@pytest.mark.parametrize("topic", TOPICS)
def test_every_answer_of_the_bank_gets_the_bank_s_verdict_in_the_page(
    context: BrowserContext, topic: str
) -> None:
    """All right answers and misconceptions, in Python of the page, on the public seed."""
    tab = context.new_page()
    tab.goto(page(f"exercises/{topic}/{topic}").as_uri())
    opened(tab, bank()[topic][0].name)
    unlike = {}
    for problem in bank()[topic]:
        answers = (*problem.right, *(m.wrong_answer for m in problem.misconceptions))
        for answer in (one for one in answers if not one.__name__.startswith(tuple(UNLIKE))):
            facts = json.loads(json.dumps(problem.examine(answer).facts()))
            told = tab.evaluate(ASK, [topic, problem.name, as_answer(answer, problem.name)])
            shown = told.pop("counterexample", None), facts.pop("counterexample")
            is_shown = bool(shown[0]) == (told.get("earned", 0) < problem.points)
            if told != facts or not is_shown:
                unlike[answer.__name__] = told

    assert unlike == {}
