"""A chapter as a notebook that a reader can run: MyST becomes plain Markdown.

Directives and roles are what Jupyter does not show. Self-checks keep their options and lose their
verdicts; explorers become links to the page; the hidden cells that guard the prose go, but for
what later cells need of them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml
from explorers import EXPLORERS
from pybtex.database import Entry, parse_file

BOOK = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^(?P<marks>`{3,}|:{3,})\{(?P<name>[\w-]+)\}[ \t]*(?P<argument>.*)$")
TARGET = re.compile(r"^\(([\w-]+)\)=$")
ROLE = re.compile(r"\{([a-z:]+)\}`([^`]+)`")
NAMED = re.compile(r"^(.*\S)\s*<([^>]+)>$", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:)([\w./#-]+)\)")
OPTION = re.compile(r"^- \[[^\]]+\] (.*)$")
SETUP = """\
# The book's own package lies beside this notebook; it is installed where it is missing.
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("convolutions") is None:
    wheels = sorted(Path().glob("convolutions-*.whl"))
    if not wheels:
        raise ModuleNotFoundError(
            "The package of this book is missing: download the chapter as a zip file, unpack it, "
            "and open the notebook there."
        )
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", str(wheels[-1])]
    subprocess.run(pip, check=True)
    importlib.invalidate_caches()"""
NEEDS = """\
> **To run this notebook** you need Python 3.11 or newer with PyTorch, Matplotlib and JupyterLab,
> and `convolutions`, the package of this book, a wheel of 0.3 MB that lies in the chapter's zip
> file. `python3 start.py`, in the same file, makes an environment with all of it. On macOS and
> Windows that downloads some 300 MB. On Linux PyTorch's default build brings libraries for GPUs
> that the book does not use, 2.7 GB to download; without them:
> `PIP_EXTRA_INDEX_URL=ADDRESS python3 start.py`, with the ADDRESS that *Get Started* on
> pytorch.org shows for Linux, Pip and CPU."""


def notebook(source: Path, address: str = "") -> nbformat.NotebookNode:
    """Return a chapter as a notebook.

    Parameters
    ----------
    source : Path
        The chapter's MyST file.
    address : str
        Where the book is published; without it, links to its pages are words.
    """
    book = jupytext.read(source)
    page = Page(source, address)
    book.cells = [cell for old in pruned(book.cells) for cell in page.cells_of(old)]
    needs, setup = nbformat.v4.new_markdown_cell(NEEDS), nbformat.v4.new_code_cell(SETUP)
    book.cells[:0] = [needs, setup]
    if page.cited:
        listed = "\n".join(f"- {reference(page.entries[key])}" for key in sorted(page.cited))
        book.cells.append(nbformat.v4.new_markdown_cell(f"## References\n\n{listed}"))
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"  # nbformat draws ids at random
    book.metadata.pop("jupytext", None)
    return book


def pruned(cells: list[Any]) -> Iterator[Any]:
    """Yield the cells, of hidden ones only what later cells need: no assertion tells an answer."""
    needed: set[str] = set()
    kept: list[Any] = []
    for cell in reversed(cells):
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            if "remove-cell" in cell.metadata.get("tags", ()):
                cell.source = needed_part(cell.source, tree, needed)
                tree = ast.parse(cell.source)
                cell.metadata.tags = ["hide-input"]
            needed |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        if cell.source:
            kept.append(cell)
    yield from reversed(kept)


def needed_part(source: str, tree: ast.Module, needed: set[str]) -> str:
    """Return the statements of a hidden cell that define what is needed, with what these need."""
    parts: list[str] = []
    wanted = set(needed)
    for statement in reversed(tree.body):
        if not isinstance(statement, ast.Assert) and wanted & set(defined(statement)):
            wanted |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
            parts.append(ast.get_source_segment(source, statement) or "")
    return "\n".join(reversed(parts))


def defined(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def reference(entry: Entry) -> str:
    """Return an entry of the bibliography in a line."""
    people = [" ".join([*p.first_names, *p.last_names]) for p in entry.persons["author"]]
    fields = {name: value.replace("{", "").replace("}", "") for name, value in entry.fields.items()}
    where = next((fields[n] for n in ("journal", "booktitle", "publisher") if n in fields), "")
    parts = [", ".join(people), f"*{fields['title']}*", where, fields["year"]]
    link = fields.get("url") or (f"https://doi.org/{fields['doi']}" if "doi" in fields else "")
    return ". ".join(filter(None, parts)) + (f". <{link}>" if link else "")


class Page:
    """One chapter while it is converted: its numbers of formulas and figures, what it cites."""

    entries = parse_file(str(BOOK / "references.bib"), "bibtex").entries

    def __init__(self, source: Path, address: str) -> None:
        text = source.read_text(encoding="utf-8")
        self.name, self.address = source.stem, address.rstrip("/")
        self.formulas = re.findall(r"^:label: ([\w-]+)$", text, re.MULTILINE)
        self.figures = re.findall(r"^[: ]*name: (fig-[\w-]+)$", text, re.MULTILINE)
        self.labels = set(re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE))
        self.cited: set[str] = set()
        self.directives: dict[str, Callable[[str, dict[str, str], list[str]], list[str]]] = {
            "admonition": self.admonition, "dropdown": self.dropdown, "explorer": self.explorer,
            "literalinclude": self.included, "math": self.formula, "selfcheck": self.selfcheck,
            "warning": lambda _, options, body: self.admonition("Warning", options, body),
        }  # fmt: skip

    def cells_of(self, cell: Any) -> Iterator[Any]:
        """Yield a cell as Jupyter shows it, and the caption of its figure."""
        if cell.cell_type == "markdown":
            cell.source = "\n".join(self.converted(cell.source.splitlines())).strip("\n")
            yield cell
            return
        tags, figure = cell.metadata.pop("tags", []), cell.metadata.pop("mystnb", {}).get("figure")
        if any(tag.startswith("hide") for tag in tags):
            cell.metadata["jupyter"] = {"source_hidden": True}
        yield cell
        if figure:
            words = self.inline(" ".join(figure["caption"].split()))
            head = f'<a id="{figure["name"]}"></a>\n**Figure {self._figure(figure["name"])}.** '
            yield nbformat.v4.new_markdown_cell(head + words)

    def _figure(self, name: str) -> int:
        return self.figures.index(name) + 1

    def converted(self, lines: list[str]) -> list[str]:
        """Return lines of MyST as lines of Markdown."""
        made: list[str] = []
        words: list[str] = []  # ordinary lines; a role may run from one to the next
        rest = iter([*lines, ""])
        for line in rest:
            fence, target = FENCE.match(line), TARGET.match(line)
            if not (fence or target or line.startswith("```")):
                words.append(line)
                continue
            made += self.inline("\n".join(words)).split("\n") if words else []
            words = []
            if fence:
                options, body = parted(fenced(rest, fence["marks"]))
                made += self.directives[fence["name"]](fence["argument"], options, body)
            elif target:
                made += [f'<a id="{target[1]}"></a>', ""]
            else:
                made += [line, *fenced(rest, "```"), "```"]
        return made + self.inline("\n".join(words)).splitlines()

    def inline(self, text: str) -> str:
        """Return text with its roles and links as words, or as links that work."""
        return LINK.sub(self._link, ROLE.sub(self._role, text))

    def _role(self, found: re.Match[str]) -> str:
        kind, text = found.groups()
        named = NAMED.match(text)
        words, target = (named[1], named[2]) if named else (text, text)
        if kind == "term":
            return words
        if kind == "eq":
            return f"({self.formulas.index(target) + 1})"
        if kind == "numref":
            return f"Figure {self._figure(target)}"
        if kind.startswith("cite"):
            self.cited.update(target.split(","))
            names = [self._cited(key, kind.endswith(":p")) for key in target.split(",")]
            return f"({'; '.join(names)})" if kind.endswith(":p") else "; ".join(names)
        if kind == "doc":
            path = target.removeprefix("../").removesuffix(".md")
            page = path if path.startswith("exercises") else f"book/{path}"
            return self._to(words if named else titled(page), page)
        return self._label(words if named else headed(target), target)

    def _cited(self, key: str, inside: bool) -> str:
        entry = self.entries[key]
        families = [" ".join([*p.prelast_names, *p.last_names]) for p in entry.persons["author"]]
        names = " and ".join(families) if len(families) < 3 else f"{families[0]} et al."
        year = entry.fields["year"]
        return f"{names}, {year}" if inside else f"{names} ({year})"

    def _link(self, found: re.Match[str]) -> str:
        words, target = found.groups()
        path, _, anchor = target.partition("#")
        if path.endswith(".md"):
            return self._to(words, f"book/{Path(path).stem}", anchor)
        return self._label(words, anchor or path) if (anchor or path) in self.labels else found[0]

    def _label(self, words: str, label: str) -> str:
        return f"[{words}](#{label})" if label in self.labels else words

    def _to(self, words: str, page: str, anchor: str = "") -> str:
        """Return a link to a page of the book; words where nobody knows where that is."""
        place = f"#{anchor}" if anchor else ""
        return f"[{words}]({self.address}/{page}.html{place})" if self.address else f"*{words}*"

    def admonition(self, title: str, _: dict[str, str], body: list[str]) -> list[str]:
        """Return a quoted block under its title."""
        inside = self.converted(body)
        return [f"> **{self.inline(title)}**", ">", *(f"> {line}".rstrip() for line in inside), ""]

    def dropdown(self, title: str, _: dict[str, str], body: list[str]) -> list[str]:
        """Return a block that opens."""
        head = f"<details><summary>{self.inline(title)}</summary>\n"
        return [head, *self.converted(body), "\n</details>\n"]

    def explorer(self, name: str, _: dict[str, str], __: list[str]) -> list[str]:
        """Return where in the book to play with it."""
        place = self._to(
            f"this chapter's page, at “{EXPLORERS[name][0]}”", f"book/{self.name}", name
        )
        return [f"> **{EXPLORERS[name][0]}**: an explorer to play with, on {place}.", ""]

    def formula(self, _: str, options: dict[str, str], body: list[str]) -> list[str]:
        """Return a displayed formula with its number."""
        number = self.formulas.index(options["label"]) + 1
        return ["$$", *body, rf"\tag{{{number}}}", "$$"]

    def selfcheck(self, _: str, __: dict[str, str], body: list[str]) -> list[str]:
        """Return a question and its options, without verdicts and replies."""
        asked, told = [], True  # whether a line is of the question or an option, not of a reply
        for line in body:
            option = OPTION.match(line)
            told = bool(option) or (told if line.strip() else not _is_list(asked))
            asked += [f"- {option[1]}" if option else line] * told
        where = self._to("this chapter's page", f"book/{self.name}")
        shown = (f"> {line}".rstrip() for line in self.converted(asked))
        return ["> **Before you go on**", ">", *shown, ">",
                f"> Each option has its reply on {where}.", ""]  # fmt: skip

    def included(self, path: str, options: dict[str, str], _: list[str]) -> list[str]:
        """Return a part of a source file."""
        text = (BOOK / path.strip()).read_text(encoding="utf-8")
        lines = selected(text, options)
        return ["```python", *([options["prepend"]] if "prepend" in options else []),
                *lines, "```", ""]  # fmt: skip


def _is_list(lines: list[str]) -> bool:
    return any(line.startswith("- ") for line in lines)


def selected(text: str, options: dict[str, str]) -> list[str]:
    """Return the lines of a source file that the options of `literalinclude` choose."""
    lines = text.splitlines()
    if "pyobject" in options:
        nodes = ast.walk(ast.parse(text))
        (found,) = (n for n in nodes if getattr(n, "name", None) == options["pyobject"])
        lines = lines[found.lineno - 1 : found.end_lineno]  # type: ignore[attr-defined]
    if "start-at" in options:
        lines = lines[_first(lines, options["start-at"]) :]
    if "end-at" in options:
        lines = lines[: _first(lines, options["end-at"]) + 1]
    if "lines" in options:
        spans = [span.split("-") for span in options["lines"].split(",")]
        lines = [line for a, b in spans for line in lines[int(a) - 1 : int(b)]]
    return [line[int(options.get("dedent", 0)) :] for line in lines]


def _first(lines: list[str], text: str) -> int:
    return next(i for i, line in enumerate(lines) if text in line)


def fenced(rest: Iterator[str], marks: str) -> list[str]:
    """Return the lines up to the end of a fence, which is left behind."""
    inside: list[str] = []
    for line in rest:
        if line.rstrip() == marks:
            return inside
        inside.append(line)
    raise ValueError(f"a fence of {marks} does not end")


def parted(inside: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options at the head of a directive, and its body."""
    options: dict[str, str] = {}
    for number, line in enumerate(inside):
        found = re.match(r"^:([\w-]+):[ \t]*(.*)$", line)
        if found is None:
            return options, inside[number:]
        options[found[1]] = str(yaml.safe_load(found[2]))
    return options, []


def titled(page: str) -> str:
    """Return the title of a page of the book."""
    path = BOOK.parent / (page + (".ipynb" if page.startswith("exercises") else ".md"))
    found = re.search(r"(?:^|\")# (.+?)(?:\\n|\"|$)", path.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else page


def headed(label: str) -> str:
    """Return the heading that a label stands above."""
    for path in sorted(BOOK.glob("*.md")):
        found = re.search(rf"^\({label}\)=\n#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
        if found:
            return found[1]
    raise ValueError(f"no heading has the label {label!r}")
