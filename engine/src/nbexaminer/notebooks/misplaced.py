"""Answers that are not where they belong: in other cells, or in new ones. Pure.

What a machine grades is run wherever it stands; no stub may replace it. What a person marks is
brought to its cell, or shown there; it then differs from what was released, so that it waits for
that person and is no 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from nbexaminer.notebooks.attachments import LINK
from nbexaminer.notebooks.equivalence import says_no_code
from nbexaminer.notebooks.matching import Matching, ReleasedCell, SubmittedCell

MANY, MORE = 3, 8  # words that may be an answer: of a new cell, and beside those of a released one
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
FAR = "*This cell is as it was released. Other text in the notebook may be the answer:*"
DOUBT = "# This cell is as it was released. Another cell may hold the answer."


def stubs_first(matching: Matching) -> list[str]:
    """Let no answer cell that is as released replace what another cell defines; return notes.

    It goes before that cell. Where that is the student's own and the only one, it is the answer.
    """
    notes = []
    for original in matching.assignment:
        stub = matching.cell_of(original)
        if not (stub and original.solution and original.defines):
            continue
        if not matching.is_as_released(stub, original):
            continue
        others = matching.definers(original, but=stub)
        if len(others) == 1 and others[0].of is None:
            others[0].of, stub.of = original, None
        places = [matching.cells.index(cell) for cell in (stub, *others)]
        if min(places) < places[0]:
            matching.cells.insert(min(places), matching.cells.pop(places[0]))
        if others:
            notes.append(f"The cell {original.name} is as it was released; another cell counts.")
    return notes


def answers_elsewhere(matching: Matching) -> list[str]:
    """Bring answers that a person marks to cells that are as released or gone; return notes."""
    places: list[tuple[ReleasedCell, list[SubmittedCell]]] = []
    answered: set[int] = set()
    for original in (o for o in matching.assignment if o.by_hand):
        cell, near = matching.cell_of(original), _near(matching, original)
        if cell and cell.plain != original.plain:
            answered |= set(map(id, near))
        else:
            places.append((original, near))
    far = [c for c in _texts(matching, matching.own()) if id(c) not in answered]
    far = [c for c in far if _says_much(matching, c) or LINK.search(c.source)]
    notes = [
        note
        for original, near in places
        for note in (
            _code_answer(matching, original, near)
            if original.kind == "code"
            else _written_answer(matching, original, near, far)
        )
    ]
    taken = {id(c) for original, near in places if original.kind != "code" for c in near}
    matching.cells[:] = [cell for cell in matching.cells if id(cell) not in taken]
    return notes


def _written_answer(
    matching: Matching,
    original: ReleasedCell,
    near: Sequence[SubmittedCell],
    far: Sequence[SubmittedCell],
) -> list[str]:
    """Put into a cell the texts that stand where it belongs, or else those that stand elsewhere."""
    found = near or far
    if not found:
        return []
    texts = [f"```\n{c.source}\n```" if c.kind == "code" else c.source for c in found]
    cell = _answer_cell(matching, original, found[0] if near else None)
    cell.rewrite("\n\n".join(texts if near else [FAR, *texts]))
    cell.pictures = {name: data for c in found for name, data in c.pictures.items()}
    where = "stood in another cell" if near else "may be in another cell"
    return [f"The answer {original.name} {where}; a person marks it."]


def _code_answer(
    matching: Matching, original: ReleasedCell, near: Sequence[SubmittedCell]
) -> list[str]:
    """Have a person look at an answer cell of code if another cell may hold the answer."""
    cell = matching.cell_of(original)
    others = matching.definers(original, but=cell)
    if not (near or others):
        return []
    lines = [f"# {line}".rstrip() for line in original.source.split("\n")]
    _answer_cell(matching, original, None).rewrite("\n".join([DOUBT, *lines]))
    return [f"The answer {original.name} may be in another cell; a person marks it."]


def _answer_cell(
    matching: Matching, original: ReleasedCell, before: SubmittedCell | None
) -> SubmittedCell:
    """Return the cell of an answer; a new one where it is gone."""
    cell = matching.cell_of(original)
    if cell is None:
        cell = SubmittedCell(original.kind, "", of=original)
        place = matching.cells.index(before) if before else matching.gap(original)[0] + 1
        matching.cells.insert(place, cell)
    return cell


def _near(matching: Matching, original: ReleasedCell) -> list[SubmittedCell]:
    """Return the student's own cells where an answer belongs that may be the answer."""
    there = matching.between(original)
    texts = [c for c in _texts(matching, there) if _added(matching, c) or LINK.search(c.source)]
    if original.kind == "code":
        released = {o.plain for o in matching.assignment}
        return texts + [c for c in there if c.kind == "code" and c.plain not in released]
    return texts


def _texts(matching: Matching, cells: Iterable[SubmittedCell]) -> list[SubmittedCell]:
    """Return the cells that hold words, among them code cells that hold no code."""
    return [
        cell
        for cell in cells
        if cell.kind != "code"
        or (says_no_code(cell.source, matching.tree(cell)) and len(_words(cell.source)) >= MANY)
    ]


def _says_much(matching: Matching, cell: SubmittedCell) -> bool:
    """Whether a cell far from an answer's place may be it: a name beside a title is not."""
    added = _added(matching, cell)
    return added >= (MANY if added == len(_words(cell.source)) else MORE)


def _added(matching: Matching, cell: SubmittedCell) -> int:
    """Return how many words a cell has beside those of the released cell that it was made of."""
    words = Counter(_words(cell.source))
    given = [Counter(_words(o.source)) for o in _unfound(matching)]
    kept = [its for its in given if 2 * (its & words).total() > its.total()]
    return min(((words - its).total() for its in kept), default=words.total())


def _unfound(matching: Matching) -> list[ReleasedCell]:
    """Return the released cells of text that no submitted cell equals: those that were edited."""
    found = {id(cell.of) for cell in matching.cells}
    return [
        o for o in matching.assignment if not o.name and o.kind != "code" and id(o) not in found
    ]


def _words(text: str) -> list[str]:
    return WORD.findall(text)
