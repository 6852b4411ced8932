"""Who wrote nearly the same code: disguises do not help, and ordinary code accuses nobody."""

from __future__ import annotations

import pytest

from nbexaminer.reports.facts import SubmissionFact
from nbexaminer.reports.similarity import MAX_CODE, near_identical, too_long, words

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


def klass(**codes: str) -> list[SubmissionFact]:
    return [
        SubmissionFact(name, "windows", "graded", (), 0.0, 0.0, answers={"windows": code})
        for name, code in codes.items()
    ]


def names(graded: list[SubmissionFact], released: str = STUB) -> list[tuple[str, ...]]:
    return [cluster.students for cluster in near_identical(graded, {"windows": released})]


def own(number: int) -> str:
    """Return a long answer that is like no other's."""
    calls = ("abs", "round", "pow", "divmod", "hash", "bin", "hex", "oct", "chr", "ascii")
    steps = [
        f"    v{n} = image.{calls[(n * number) % 10]}_{number}_{n}(size, {number * n}) @ image[{n}]"
        for n in range(8)
    ]
    return "\n".join(
        ["def windows(image, size):", *steps, "    return v0, v1, v2, v3, v4, v5, v6, v7"]
    )


def padded(line: str) -> str:
    """Return a line with statements below it that change nothing of what the code does."""
    indent = line[: len(line) - len(line.lstrip())]
    ends = line.endswith(":") or line.strip().startswith(("return", "raise", '"""'))
    more = "junk = len('x') * 3; junk += 1; pass; print(1)"
    return line if ends or not line.strip() else f"{line}\n{indent}{more}"


OTHERS = {f"s{n:02}": own(n) for n in range(1, 9)}
DISGUISES = {
    "names, comments, texts and layout": disguised,
    "a comment of 20,000 characters": lambda code: f"# {'x' * 20_000}\n{code}",
    "comments of a megabyte": lambda code: "# x\n" * 260_000 + code,
    "a docstring of 20,000 characters": lambda code: code.replace("Return every", "x" * 20_000),
    "; 0": lambda code: code.replace("\n        raise", "\n        0; raise").replace(
        ")\n", "); 0\n"
    ),
    "statements that do nothing": lambda code: "\n".join(map(padded, code.split("\n"))),
    "code that never runs": lambda code: (
        code.replace(
            "    out = []\n",
            "    if False:\n        a.b(1).c(2).d(3)\n    out = []\n    if 0: x.y()\n",
        )
        + "    q.r(1)[2].s(3, 4, 5)\n    return t.u(6)\n"
    ),
    "if True": lambda code: code.replace("    out = []\n", "    if True:\n        out = []\n"),
    "neutral arithmetic": lambda code: (
        code.replace("[0]", "[0 * 1]").replace("+ 1", "+ 1 + 0").replace(" - size", " - size * 1")
    ),
    "annotations": lambda code: code.replace("(image, size)", "(image: object, size: int) -> list"),
    "a magic": lambda code: f"%matplotlib inline\n{code}",
    "junk after it": lambda code: code + "\n\n" + own(77).replace("windows", "spare"),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguised_copy_is_found_and_nobody_else(name: str) -> None:
    """What changes nothing of what the code does makes no other code; other methods do."""
    copy = DISGUISES[name](LOOPS)
    graded = klass(ada=LOOPS, bob=copy, eve=UNFOLD, zoe=STRIDED, **OTHERS)

    assert copy != LOOPS
    assert names(graded) == [("ada", "bob")]


def test_the_order_of_functions_hides_nothing() -> None:
    """Two functions, or two cells, the other way round."""
    second = own(50).replace("windows", "second")
    graded = klass(ada=f"{LOOPS}\n\n{second}", bob=f"{second}\n\n{disguised(LOOPS)}", **OTHERS)

    assert names(graded) == [("ada", "bob")]


def test_notebooks_that_hold_everybody_s_code_hide_no_pair() -> None:
    """Four accomplices make one cluster and four collections; the real pair comes first."""
    everybody = "\n\n".join([LOOPS, disguised(LOOPS), UNFOLD, STRIDED, *OTHERS.values()])
    floods = {f"flood{n}": everybody for n in range(4)}
    graded = klass(ada=LOOPS, bob=disguised(LOOPS), eve=UNFOLD, zoe=STRIDED, **OTHERS, **floods)
    clusters = near_identical(graded, {"windows": STUB})
    students = [cluster.students for cluster in clusters if not cluster.holder]

    assert sorted(students) == [("ada", "bob"), tuple(sorted(floods))]
    assert [c.holder for c in clusters if c.holder] == sorted(floods)
    assert not any(c.holder for c in clusters[:2])
    assert len(clusters) == 2 + 4


def test_a_copy_hidden_in_the_code_of_half_the_class_is_told() -> None:
    """The copier holds several others' code: it is a collection, and names the one copied from."""
    hidden = "\n\n".join([disguised(LOOPS), *list(OTHERS.values())[:4]])
    (cluster,) = near_identical(klass(ada=LOOPS, bob=hidden, **OTHERS), {"windows": STUB})

    assert cluster.holder == "bob"
    assert "ada" in cluster.students


def test_a_text_that_many_share_makes_nobody_suspicious() -> None:
    """A passage of the lecture, in everyone's answer beside code of their own."""
    graded = klass(**{name: f"{LOOPS}\n\n{code}" for name, code in OTHERS.items()})

    assert names(graded) == []


def test_a_copy_with_a_line_of_its_own_is_found_and_the_line_is_not_marked() -> None:
    """What is shared is shown, and what is not is told apart."""
    line = "    dict(a=[1, 2, 3], b={4: 5}).update(image.header(6))"
    changed = LOOPS.replace("    out = []\n", f"    out = []\n{line}\n")
    (cluster,) = near_identical(klass(ada=LOOPS, bob=changed, eve=UNFOLD, zoe=STRIDED), {})
    marked = dict(cluster.sides[1].lines)

    assert 0.5 < cluster.alike < 1
    assert marked["            out.append(patch.reshape(-1))"]
    assert not marked[line]


def test_lines_are_marked_where_they_stand() -> None:
    """Below cells, comments and blank lines that are not compared."""
    graded = [
        SubmissionFact(
            n, "windows", "graded", (), 0.0, 0.0, answers={"a": "# x\n\n# y", "b": LOOPS}
        )
        for n in ("ada", "bob")
    ]
    (cluster,) = near_identical(graded, {})
    lines = [line for line, is_shared in cluster.sides[0].lines if is_shared]

    assert lines[0] == LOOPS.split("\n")[0]
    assert lines[-1] == "    return torch.stack(out)"


def test_what_was_released_is_nobody_s() -> None:
    """Two students who left the given code as it was have copied from nobody."""
    given = LOOPS + "\nanswer = None\n"

    assert names(klass(ada=given, bob=given), released=LOOPS) == []


def test_short_answers_are_left_alone() -> None:
    """There are not many ways to write one line."""
    short = "def flip(K):\n    return K.flip(0, 1)\n"

    assert names(klass(ada=short, bob=short), released="") == []


def test_a_ring_of_copies_is_one_cluster() -> None:
    """Half of the class handing in one file is no common way of writing."""
    ring = {f"r{n}": LOOPS for n in range(3)}

    assert names(klass(**ring, eve=UNFOLD, zoe=STRIDED)) == [("r0", "r1", "r2")]


@pytest.mark.parametrize(
    "code",
    [
        "def f(:\n  ",
        "'''",
        "\0",
        "x = (" * 300,
        "é = '\ud800'",
        "\t\n x\n  y",
        "a" * 50_000,
        "-" * 50_000 + "1",
        "x" + ".y" * 5_000,
        "if x:\n" + "".join(" " * n + "if x:\n" for n in range(1, 90)) + " " * 90 + "y()",
    ],
)
def test_code_that_does_not_parse_is_compared_as_far_as_it_goes(code: str) -> None:
    """Nothing that a student hands in stops the report."""
    assert isinstance(words(code), list)
    assert names(klass(ada=code, bob=code, eve=LOOPS)) in ([], [("ada", "bob")])


def test_answers_too_long_to_compare_are_told_and_hide_nobody() -> None:
    """More than a megabyte of code is left out; whose it is can be asked."""
    graded = klass(ada=LOOPS, bob=LOOPS, eve=f"x = '{'y' * MAX_CODE}'\n{LOOPS}")

    assert names(graded) == [("ada", "bob")]
    assert [g.student for g in graded if too_long(g)] == ["eve"]
