"""Students who answer in the page and hand in what it saves: graded like those who need no page."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from pages import ROOT, page
from playwright.sync_api import BrowserContext, Page

from nbexaminer.cli.main import main
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.problems.sample_class import SampleStudent, answers_of, class_of, handed_in
from problems import TOPICS, bank

CLASS = [(student, TOPICS[i % len(TOPICS)]) for i, student in enumerate(class_of(10))]
BY_FILE = "-by-file"


def filled_in(tab: Page, topic: str, answers: dict[str, str], to: Path) -> None:
    """Write answers into the editors of a page, and save the notebook that it gives."""
    tab.goto(page(f"exercises/{topic}/{topic}").as_uri())
    for name, source in answers.items():
        place = tab.locator(f"practice-task[data-task={name}]")
        place.get_by_role("button", name="Answer here").click()
        place.get_by_role("textbox").click()
        tab.keyboard.press("Control+a")
        tab.keyboard.insert_text(source)
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Download my notebook").click()
    to.parent.mkdir(parents=True)
    saved.value.save_as(to)


def points(folder: Path, topic: str, names: list[str]) -> dict[str, dict[str, float]]:
    """Collect what lies in a folder, grade it, and return each student's points by cell."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for step in ("solutions", "exercises"):
        shutil.copytree(ROOT / step / topic, folder / step / topic)
    command = ["--course", str(folder)]
    assert main([*command, "collect", str(folder / "inbox"), "--assignment", topic]) in (0, 1)
    assert main([*command, "grade", "--assignment", topic, "--workers", "1"]) == 0
    submissions = [Submission(name, topic) for name in names]
    recorded = Course(folder).recorded(submissions)
    return {one.student: dict(recorded[one]) for one in submissions}


@pytest.mark.campaign
@pytest.mark.parametrize("context", [{"accept_downloads": True}], indirect=True)
@pytest.mark.parametrize(("student", "topic"), CLASS)
def test_a_notebook_filled_in_the_page_earns_what_the_same_answers_earn_by_file(
    context: BrowserContext, tmp_path: Path, student: SampleStudent, topic: str
) -> None:
    """Saved, collected and graded: each cell to the point, and the sources are the same."""
    answers = answers_of(student, topic, bank()[topic])
    names, notebook = [student.name, student.name + BY_FILE], f"{topic}.ipynb"
    paths = [tmp_path / "inbox" / name / notebook for name in names]
    sources = {name: one.source for name, one in answers.items() if one.source is not None}
    filled_in(context.new_page(), topic, sources, paths[0])
    release = nbformat.read(ROOT / "exercises" / topic / notebook, as_version=4)
    paths[1].parent.mkdir()
    nbformat.write(handed_in(release, answers), paths[1])
    cells = [[cell.source for cell in nbformat.read(path, as_version=4).cells] for path in paths]
    earned = points(tmp_path, topic, names)

    assert cells[0] == cells[1]
    assert earned[names[0]] == earned[names[1]]
    assert sum(earned[names[0]].values()) == sum(one.deserves for one in answers.values())
