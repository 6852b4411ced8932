"""What search needs to lead to a section and to know a Chinese term: `searchsections.js`.

Sphinx's index knows in which page a word stands, not where in it. This one counts words by section,
and reads the translations of terms from tables whose columns are headed English and 中文.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.environment.collectors import EnvironmentCollector
from terms import EnglishAndChinese

FILE = "searchsections.js"
LANGUAGES = ["English", "中文"]
SEPARATORS = re.compile(r"\s*[,;]\s*")
Section = tuple[str, str, dict[str, int]]  # anchor, title, how often it has each word


class Sections(EnvironmentCollector):
    """Keeps the sections and the terms of each page in Sphinx's environment."""

    def clear_doc(self, app: Any, env: Any, docname: str) -> None:
        """Forget a page."""
        for kept in _kept(env):
            kept.pop(docname, None)

    def merge_other(self, app: Any, env: Any, docnames: set[str], other: Any) -> None:
        """Take over pages that another process has read."""
        for kept, theirs in zip(_kept(env), _kept(other), strict=True):
            kept.update({name: theirs[name] for name in docnames if name in theirs})

    def process_doc(self, app: Any, doctree: nodes.document) -> None:
        """Read a page."""
        sections, terms = _kept(app.env)
        language = EnglishAndChinese({})
        sections[app.env.docname] = [_section(s, language) for s in doctree.findall(nodes.section)]
        terms[app.env.docname] = dict(translations(doctree))


def _kept(env: Any) -> tuple[dict[str, list[Section]], dict[str, dict[str, list[str]]]]:
    if not hasattr(env, "course_sections"):
        env.course_sections, env.course_terms = {}, {}
    return env.course_sections, env.course_terms


def _section(section: nodes.section, language: Any) -> Section:
    words = (language.stem(word).lower() for text in own(section) for word in language.split(text))
    top = isinstance(section.parent, nodes.document)
    anchor = "" if top else section["ids"][0]
    return anchor, section[0].astext(), dict(Counter(filter(language.word_filter, words)))


def own(node: nodes.Element) -> Iterator[str]:
    """Yield the texts of a section without those of the sections in it."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield child.astext()
        elif isinstance(child, nodes.Element) and not isinstance(
            child, nodes.section | nodes.comment | nodes.raw
        ):
            yield from own(child)


def translations(doctree: nodes.document) -> Iterator[tuple[str, list[str]]]:
    """Yield Chinese terms with what they are in English."""
    for table in doctree.findall(nodes.table):
        rows = [[entry.astext() for entry in row] for row in table.findall(nodes.row)]
        if rows and rows[0][:2] == LANGUAGES:
            for row in rows[1:]:
                yield from pairs(*row[:2])


def pairs(english: str, chinese: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the Chinese terms of a row, each with its own English one, or with all of them.

    Examples
    --------
    >>> dict(pairs("element (of a kernel)", "元素")), dict(pairs("input, output", "输入, 输出"))
    ({'元素': ['element']}, {'输入': ['input'], '输出': ['output']})
    >>> dict(pairs("feature map", "特征映射, 特征图"))
    {'特征映射': ['feature map'], '特征图': ['feature map']}
    """
    ours = SEPARATORS.split(re.sub(r"\s*\([^)]*\)", "", english))
    theirs = SEPARATORS.split(chinese)
    for place, term in enumerate(theirs):
        yield term, [ours[place]] if len(ours) == len(theirs) else ours


def write(app: Any, problem: Exception | None) -> None:
    """Write what the search page loads beside Sphinx's index."""
    if problem is None and app.builder.format == "html":
        sections, terms = _kept(app.env)
        places: list[tuple[str, str, str]] = []
        words: dict[str, list[int]] = {}
        for page in sorted(sections):
            for anchor, title, counts in sections[page]:
                for word, count in counts.items():
                    words.setdefault(word, []).extend((len(places), count))
                places.append((page, anchor, escape(title, quote=False)))
        data = {
            "places": places,
            "words": words,
            "terms": {term: names for page in sorted(terms) for term, names in terms[page].items()},
            "chapters": sorted(page for page in sections if _numbered(app.env, page)),
        }
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        (Path(app.outdir) / FILE).write_text(f"const SECTIONS = {text};\n", encoding="utf-8")


def _numbered(env: Any, page: str) -> bool:
    return bool(env.toc_secnumbers.get(page, {}).get(""))


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx; `version` makes environments without sections old."""
    app.add_env_collector(Sections)
    app.connect("build-finished", write)
    return {
        "version": "1",
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
