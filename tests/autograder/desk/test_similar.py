"""Who wrote nearly the same code: disguises do not help, and ordinary code accuses nobody."""

from __future__ import annotations

import pytest

from autograder.desk.facts import Graded
from autograder.desk.similar import near_identical, words

STUB = "def windows(image, size):\n    # YOUR CODE HERE\n    raise NotImplementedError\n"
LOOPS = '''def windows(image, size):
    """Return every window of the image."""
    rows, columns = image.shape[0] - size + 1, image.shape[1] - size + 1
    out = []
    for i in range(rows):
        for j in range(columns):
            patch = image[i:i + size, j:j + size]
            out.append(patch.reshape(-1))
    if not out:
        raise ValueError("too small")
    return torch.stack(out)
'''
UNFOLD = """def windows(image, size):
    if min(image.shape) < size:
        raise ValueError(size)
    tall = image.unfold(0, size, 1)
    return tall.unfold(1, size, 1).contiguous().view(-1, size * size)
"""
STRIDED = """def windows(image, size):
    h, w = (n - size + 1 for n in image.shape)
    if h < 1 or w < 1:
        raise ValueError
    shape, steps = (h, w, size, size), image.stride() * 2
    view = torch.as_strided(image.contiguous(), shape, steps)
    return view.flatten(0, 1).flatten(1).clone()
"""


def disguised(code: str) -> str:
    """Return the same code with other names, comments, texts and layout."""
    for old, new in {
        "image": "pic",
        "rows": "r",
        "columns": "c",
        "out": "result",
        "patch": "p",
        "too small": "No!",
        "Return every window of the image": "My own work",
    }.items():
        code = code.replace(old, new)
    return code.replace("    for i", "\n    # I go through it\n    for i").replace(" - ", "  -  ")


def klass(**codes: str) -> list[Graded]:
    return [
        Graded(name, "windows", "graded", (), 0.0, 0.0, answers={"windows": code})
        for name, code in codes.items()
    ]


def names(graded: list[Graded], released: str = STUB) -> list[tuple[str, str]]:
    return [pair.students for pair in near_identical(graded, {"windows": released})]


def test_a_disguised_copy_is_found_and_nobody_else() -> None:
    """New names, comments, texts and layout make no other code; other methods do."""
    graded = klass(ada=LOOPS, bob=disguised(LOOPS), eve=UNFOLD, zoe=STRIDED)

    assert names(graded) == [("ada", "bob")]


def test_a_copy_with_a_line_of_its_own_is_found_and_the_line_is_not_marked() -> None:
    """What is shared is shown, and what is not is told apart."""
    changed = LOOPS.replace(
        "    out = []\n", "    out = []\n    print(dict(a=[1, 2, 3], b={4: 5}))\n"
    )
    (pair,) = near_identical(klass(ada=LOOPS, bob=changed, eve=UNFOLD, zoe=STRIDED), {})
    own = dict(pair.sides[1])

    assert 0.5 < pair.alike < 1
    assert own["            out.append(patch.reshape(-1))"]
    assert not own["    print(dict(a=[1, 2, 3], b={4: 5}))"]


def test_what_was_released_is_nobody_s() -> None:
    """Two students who left the given code as it was have copied from nobody."""
    given = LOOPS + "\nanswer = None\n"

    assert names(klass(ada=given, bob=given), released=LOOPS) == []


def test_short_answers_are_left_alone() -> None:
    """There are not many ways to write one line."""
    short = "def flip(K):\n    return K.flip(0, 1)\n"

    assert names(klass(ada=short, bob=short), released="") == []


def test_a_ring_of_copies_is_found_whole() -> None:
    """Half of the class handing in one file is no common way of writing."""
    ring = {f"r{n}": LOOPS for n in range(3)}

    assert len(names(klass(**ring, eve=UNFOLD, zoe=STRIDED))) == 3


@pytest.mark.parametrize(
    "code",
    ["def f(:\n  ", "'''", "\0", "x = (" * 300, "é = '\\ud800'", "\t\n x\n  y", "a" * 50_000],
)
def test_code_that_does_not_parse_is_compared_as_far_as_it_goes(code: str) -> None:
    """Nothing that a student hands in stops the report."""
    assert isinstance(words(code), list)
    assert names(klass(ada=code, bob=code, eve=LOOPS)) in ([], [("ada", "bob")])
