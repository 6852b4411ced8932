"""Which submitted cell is which cell of the assignment: pure. By grade_id, else by what is sure.

Metadata is lost where an editor cuts and pastes, or a service does not keep it. A cell is then
known by its id, its text, what it defines, or its place between others; one cell counts for one.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nbformat import NotebookNode

from nbexaminer.notebooks.attachments import Pictures, embedded
from nbexaminer.notebooks.cells import is_grade, is_locked, is_solution, is_task
from nbexaminer.notebooks.equivalence import definitions_of, meaning, parsed, plain_text

MAX_READ = 200_000  # characters of a notebook's cells that are read as Python


@dataclass(eq=False)
class SubmittedCell:
    """A submitted cell: its kind, text and pictures; the grade_id it has, or is found to have."""

    kind: str
    source: str
    name: str = ""
    id: str = ""
    pictures: Pictures = field(default_factory=dict)
    of: ReleasedCell | None = None

    @cached_property
    def plain(self) -> str:
        """Return the text as it is compared."""
        return plain_text(self.source)

    def rewrite(self, source: str) -> None:
        """Give the cell another text."""
        self.source = source
        self.__dict__.pop("plain", None)


@dataclass(frozen=True, eq=False)
class ReleasedCell:
    """A cell of the assignment as released; `defines` are names that no other cell of it defines.

    Its text is as `SubmittedCell` has it. A person marks what is `by_hand`; what is `kept` is put
    back if missing.
    """

    place: int
    node: NotebookNode
    kind: str
    source: str
    name: str
    id: str
    plain: str
    meaning: str
    defines: frozenset[str]

    @property
    def locked(self) -> bool:
        """Whether its text is the instructor's."""
        return bool(self.name and is_locked(self.node))

    @property
    def solution(self) -> bool:
        """Whether it is an answer."""
        return bool(self.name and is_solution(self.node))

    @property
    def by_hand(self) -> bool:
        """Whether it is an answer that a person marks."""
        return self.solution and bool(is_grade(self.node))

    @property
    def kept(self) -> bool:
        """Whether a notebook is graded with it, even if it was deleted."""
        return self.locked or self.by_hand or bool(self.name and is_task(self.node))


def released_cells(released: NotebookNode) -> list[ReleasedCell]:
    """Return the cells of a released notebook."""
    nodes = released.cells
    texts = [embedded(n.source, n.get("attachments"))[0] for n in nodes]
    trees = [parsed(n.source) if n.cell_type == "code" else None for n in nodes]
    names = [definitions_of(tree) for tree in trees]
    count = Counter(name for several in names for name in several)
    return [
        ReleasedCell(
            place=place,
            node=node,
            kind=node.cell_type,
            source=text,
            name=(node.metadata.get("nbgrader") or {}).get("grade_id") or "",
            id=node.get("id", ""),
            plain=plain_text(text),
            meaning=meaning(tree),
            defines=frozenset(name for name in its if count[name] == 1),
        )
        for place, (node, text, tree, its) in enumerate(
            zip(nodes, texts, trees, names, strict=True)
        )
    ]


class Matching:
    """The cells of a submission, and which cell of the assignment each is, as far as that is known.

    Parameters
    ----------
    cells : list of SubmittedCell
    assignment : sequence of ReleasedCell
    """

    def __init__(self, cells: list[SubmittedCell], assignment: Sequence[ReleasedCell]) -> None:
        self.cells, self.assignment = cells, assignment
        self._trees: dict[int, ast.Module | None] = {}
        self._left = MAX_READ

    def tree(self, cell: SubmittedCell) -> ast.Module | None:
        """Return a code cell as Python, as long as not too much has been read."""
        if id(cell) not in self._trees:
            self._left -= len(cell.source)
            is_read = cell.kind == "code" and self._left >= 0
            self._trees[id(cell)] = parsed(cell.source) if is_read else None
        return self._trees[id(cell)]

    def defined(self, cell: SubmittedCell) -> frozenset[str]:
        """Return the names that a cell defines."""
        return definitions_of(self.tree(cell))

    def is_as_released(self, cell: SubmittedCell, original: ReleasedCell) -> bool:
        """Whether a cell says what it said: formatting and, in code, comments do not count."""
        if cell.plain == original.plain:
            return True
        near = len(cell.source) <= 4 * len(original.source) + 1000
        is_code = cell.kind == original.kind == "code"
        return bool(
            near and is_code and original.meaning and meaning(self.tree(cell)) == original.meaning
        )

    def cell_of(self, original: ReleasedCell) -> SubmittedCell | None:
        """Return the submitted cell that is one of the assignment's."""
        return next((cell for cell in self.cells if cell.of is original), None)

    def missing(self) -> list[ReleasedCell]:
        """Return the named cells of the assignment that no submitted cell is."""
        found = {id(cell.of) for cell in self.cells}
        return [o for o in self.assignment if o.name and id(o) not in found]

    def own(self) -> list[SubmittedCell]:
        """Return the cells that are not of the assignment and not empty."""
        return [cell for cell in self.cells if cell.of is None and cell.source.strip()]

    def definers(
        self, original: ReleasedCell, *, but: SubmittedCell | None = None
    ) -> list[SubmittedCell]:
        """Return the student's cells that define what an answer cell defines."""
        return [
            cell
            for cell in self.cells
            if cell is not but
            and cell.kind == "code"
            and (cell.of is None or (cell.of.solution and cell.plain != cell.of.plain))
            and original.defines & self.defined(cell)
        ]

    def recognize(self) -> list[str]:
        """Find cells of the assignment that have lost their metadata; return their names."""
        before = {o.name for o in self.missing()}
        self._by_text([o for o in self.assignment if not o.name])
        self._by_id()
        self._by_text(self.missing())
        self._by_definition()
        self._by_place()
        after = {o.name for o in self.missing()}
        return [o.name for o in self.assignment if o.name in before - after]

    def _by_text(self, wanted: list[ReleasedCell]) -> None:
        """Match equal texts, in order; then code that was only formatted."""
        for same in (_same_text, self.is_as_released):
            free = self.own()
            for original in wanted:
                if original.plain and self.cell_of(original) is None:
                    found = next((c for c in free if same(c, original)), None)
                    if found and found.kind == original.kind:
                        found.of = original
                        free.remove(found)

    def _by_id(self) -> None:
        ids = Counter(cell.id for cell in self.cells)
        theirs = Counter(o.id for o in self.assignment)
        for original in self.missing():
            found = [c for c in self.own() if c.id == original.id and c.kind == original.kind]
            is_sure = original.id and ids[original.id] == theirs[original.id] == 1
            if found and is_sure and self._may_be(found[0], original):
                found[0].of = original

    def _may_be(self, cell: SubmittedCell, original: ReleasedCell) -> bool:
        """Whether nothing is lost if a cell is taken for one of the assignment."""
        if original.locked:
            return self.is_as_released(cell, original)
        defines = original.defines
        return not defines or bool(defines & self.defined(cell))

    def _by_definition(self) -> None:
        for original in self.missing():
            found = self.definers(original) if original.solution and original.defines else []
            if len(found) == 1 and found[0].of is None:
                found[0].of = original

    def _by_place(self) -> None:
        """Match an answer with the only cell of its kind that stands where it stood."""
        missing = [o for o in self.missing() if o.solution]
        for original in missing:
            alike = (o for o in missing if o.kind == original.kind)
            rivals = [o for o in alike if self.gap(o) == self.gap(original)]
            there = [c for c in self.between(original) if c.kind == original.kind]
            if len(rivals) == len(there) == 1 and self._may_be(there[0], original):
                there[0].of = original

    def gap(self, original: ReleasedCell) -> tuple[int, int]:
        """Return between which places in the submission a cell of the assignment belongs."""
        known = [(c.of.place, place) for place, c in enumerate(self.cells) if c.of]
        before = [place for its, place in known if its < original.place]
        after = [place for its, place in known if its > original.place]
        return max(before, default=-1), min(after, default=len(self.cells))

    def between(self, original: ReleasedCell) -> list[SubmittedCell]:
        """Return the student's own cells in the gap of a cell of the assignment."""
        first, last = self.gap(original)
        own = set(map(id, self.own()))
        return [cell for cell in self.cells[first + 1 : max(first + 1, last)] if id(cell) in own]


def _same_text(cell: SubmittedCell, original: ReleasedCell) -> bool:
    return cell.plain == original.plain


def by_name(assignment: Iterable[ReleasedCell]) -> Mapping[str, ReleasedCell]:
    """Return the cells of an assignment by their grade_ids."""
    return {original.name: original for original in assignment if original.name}
