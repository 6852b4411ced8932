"""The checks that students see, run in the stand-in: they pass the worked answers unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from standin import StandIn

ROOT = Path(__file__).parents[2]
TOPICS = sorted(path.name for path in (ROOT / "exercises").iterdir())


def code_cells(folder: str, topic: str) -> dict[str, str]:
    """Return the code cells of an assignment by id."""
    path = ROOT / folder / topic / f"{topic}.ipynb"
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {c["id"]: "".join(c["source"]) for c in cells if c["cell_type"] == "code"}


@pytest.mark.parametrize("topic", TOPICS)
def test_the_visible_checks_pass_the_worked_answers_in_the_stand_in(
    there: StandIn, topic: str
) -> None:
    """Set-up, worked answers and visible checks of an assignment run to their end."""
    answers, checks = code_cells("solutions", topic), code_cells("exercises", topic)
    names = [name for name in answers if not name.startswith(("check_", "test_"))]
    tasks = [name for name in names if f"check_{name}" in checks]
    cells = [*(answers[name] for name in names), *(checks[f"check_{name}"] for name in tasks)]
    (reply,) = there.ask(codes=["\n".join([*cells, "result = 'passed'"])], given={})

    assert reply == {"value": "passed"}


@pytest.mark.parametrize("topic", TOPICS)
def test_the_released_answers_run_in_the_stand_in(there: StandIn, topic: str) -> None:
    """An assignment as it is handed out runs, and each check meets `NotImplementedError`."""
    cells = code_cells("exercises", topic)
    names = [name for name in cells if not name.startswith(("check_", "test_"))]
    text = "\n".join(cells[name] for name in names)
    tasks = [cells[f"check_{name}"] for name in names if f"check_{name}" in cells]
    replies = there.ask(codes=[f"{text}\n{check}" for check in tasks], given={})

    assert [reply["errors"][0] for reply in replies] == ["NotImplementedError"] * len(tasks)
