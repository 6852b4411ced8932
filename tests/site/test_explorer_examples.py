"""A small input's link opens the explorer of its chapter in that state."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from torch import Tensor
from visiting import CHAPTERS, visit

from nbexaminer.problems.calls import Call
from nbexaminer.problems.counterexample import Counterexample
from problems import bank

PROBLEMS = {problem.name: problem for problem in chain(*bank().values())}
EVERY = 6  # of a problem's wrong answers


def examples(name: str) -> dict[str, Counterexample]:
    """Return what some wrong answers of a problem are shown, by the fragments of their links."""
    problem, found = PROBLEMS[name], dict[str, Counterexample]()
    assert problem.small is not None
    for m in problem.misconceptions[::EVERY]:
        example = problem.counterexample(m.wrong_answer, m)
        if example and (link := problem.small.explorer(example.found.case.call)):
            found[link] = example
    return found


def wanted(name: str, call: Call) -> dict[str, Any]:
    """Return the state that a call is."""
    if name in ("receptive_field", "input_region"):
        layers, index = call.args[0], (*call.args[1:], 0)[0]
        return {"layers": [[*layer, 0][:4] for layer in layers], "row": index, "column": index}
    matrices: dict[str, Any] = dict(zip("XK", call.args[-2:], strict=False))
    if name in ("flip", "conv2d"):
        matrices = {"K": call.args[-1]}
    rest = {name: value for name, value in call.kwargs.items() if type(value) is int}
    return {key: x.tolist() for key, x in matrices.items()} | rest


@pytest.mark.parametrize(
    ("name", "explorer"),
    [
        ("corr2d", "window-stepper"),
        ("conv2d_general", "window-stepper"),
        ("flip", "flip-explorer"),
        ("conv2d", "flip-explorer"),
        ("receptive_field", "receptive-field-builder"),
        ("input_region", "receptive-field-builder"),
    ],
)
def test_the_link_of_a_small_input_opens_the_explorer_in_that_state(
    context: BrowserContext, name: str, explorer: str
) -> None:
    """Image, kernel and options, or layers and unit; the stepper's output is the expected one."""
    found = examples(name)
    tab, place = visit(context, explorer)

    assert found
    for link, example in found.items():
        (page, fragment), call = link.split("#"), example.found.case.call
        assert isinstance(call, Call)
        tab.evaluate("hash => { location.hash = hash; }", fragment)
        tab.wait_for_function("() => location.hash.length > 1")
        tab.wait_for_timeout(50)
        state, Y = place.evaluate("e => [e.state, e.Y ?? null]")

        assert page == CHAPTERS[explorer] and fragment.split("?")[0] == explorer
        assert {key: state[key] for key in wanted(name, call)} == wanted(name, call), link
        if explorer == "window-stepper" and isinstance(value := example.expected.value, Tensor):
            flat = [x for row in Y for x in row]
            assert flat == pytest.approx(value.double().flatten().tolist(), abs=1e-3), link
