"""One style sheet a page in place of eleven, without the rules that can match nothing.

Those are most of Bootstrap's and Font Awesome's. A selector goes if it asks for a class or an id
whose name occurs nowhere in the built pages, in the scripts that they load, or in this course's own
style sheets. So does a face whose font is deleted. Everything else stays, in its order.
"""

from __future__ import annotations

import os
import re
import zlib
from pathlib import Path
from typing import Any

import tinycss2

NESTED = {"media", "supports", "layer", "container"}
FACE, VENDOR = (
    re.compile("@font-face"),
    "vendor/",
)  # fonts that `lean` deletes; it brings one of its own
NAMES = re.compile(r"[\w-]+")
JOINED = "joined-"
DATA = "document.currentScript.file"  # a script that carries a file begins so
CHARSET = '@charset "UTF-8";'
IMPORT = re.compile(r'@import "([^"]+)";')
LINK = re.compile(r'<link\b[^>]*\brel="stylesheet"[^>]*>\s*')
ADDRESS = re.compile(r"\burl\((?![\"']?(?:data:|#))[\"']?([^\"')?#]+)[^)]*\)")
ASKED = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")


def join(out: Path) -> None:
    """Have each page under `out` load its style sheets as one, and delete those joined.

    A page that an earlier build wrote says which sheets its own was made of.
    """
    made: dict[tuple[Path, ...], str] = {}
    for page in sorted(out.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        hrefs = [href for link in LINK.findall(text) for href in _loaded(link)]
        if hrefs:
            sheets = tuple((page.parent / href).resolve() for href in hrefs)
            name = made[sheets] = made.get(sheets) or _joined(out, sheets)
            href = Path(os.path.relpath(out / name, page.parent)).as_posix()
            one = [f'<link rel="stylesheet" href="{href}" data-joins="{" ".join(hrefs)}"/>']
            joined = LINK.sub(lambda _, one=one: one.pop() if one else "", text)
            page.write_text(joined, encoding="utf-8")
    for sheet in {sheet for sheets in made for sheet in sheets}:
        sheet.unlink()


def _loaded(link: str) -> list[str]:
    """Return the addresses of the sheets that a link loads, without their versions."""
    found = re.search(r'data-joins="([^"]*)"', link) or re.search(r'href="([^"?]*)', link)
    return found[1].split() if found else []


def _joined(out: Path, sheets: tuple[Path, ...]) -> str:
    """Write the sheets as one, named by theirs, and return its address from `out`."""
    text = "\n".join([CHARSET, *(_moved(sheet, out / "_static") for sheet in sheets)])
    names = " ".join(sheet.name for sheet in sheets)
    name = f"_static/{JOINED}{zlib.crc32(names.encode()):08x}.css"
    (out / name).write_text(text, encoding="utf-8")
    return f"{name}?v={zlib.crc32(text.encode()):08x}"


def _moved(sheet: Path, folder: Path) -> str:
    """Return a style sheet, and those it imports, with addresses as seen from `folder`."""

    def imported(found: re.Match[str]) -> str:
        return _moved(sheet.parent / found[1], folder)

    def seen(found: re.Match[str]) -> str:
        target = os.path.relpath(sheet.parent / found[1], folder)
        return f"url({Path(target).as_posix()})"

    text = sheet.read_text(encoding="utf-8").replace(CHARSET, "")
    return IMPORT.sub(imported, ADDRESS.sub(seen, text))


def prune(out: Path, sheets: list[Path]) -> None:
    """Rewrite each of `sheets` for the pages and scripts found under `out`."""
    sources = [*out.rglob("*.html"), *(out / "_static").glob("**/*.js")]
    told = (p.read_text(encoding="utf-8") for p in sources if "mathjax" not in p.parts)
    known = {n for text in told if not text.startswith(DATA) for n in NAMES.findall(text)}
    for sheet in sheets:
        rules = tinycss2.parse_stylesheet(
            sheet.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True
        )
        sheet.write_text("".join(kept(rules, known)), encoding="utf-8")


def kept(rules: list[Any], known: set[str]) -> list[str]:
    """Return the rules, as text, of which some selector can match a page with the `known` names."""
    return [text for rule in rules if (text := _kept(rule, known))]


def _kept(rule: Any, known: set[str]) -> str:
    if rule.type == "qualified-rule":
        selectors = _split(tinycss2.serialize(rule.prelude))
        possible = [s.strip() for s in selectors if _possible(s, known)]
        return ",".join(possible) + "{" + tinycss2.serialize(rule.content) + "}" if possible else ""
    if rule.type == "at-rule" and rule.lower_at_keyword in NESTED and rule.content is not None:
        inner = "".join(kept(tinycss2.parse_rule_list(rule.content, True, True), known))
        head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
        return head + "{" + inner + "}" if inner else ""
    text = str(rule.serialize())
    return "" if FACE.match(text) and VENDOR in text else text


def _possible(selector: str, known: set[str]) -> bool:
    """Tell whether every class and id outside of parentheses and attributes is known."""
    plain = re.sub(r"\[[^\]]*\]|\([^()]*(\([^()]*\)[^()]*)*\)", "", selector).replace("\\", "")
    return all(name in known for name in ASKED.findall(plain))


def _split(selectors: str) -> list[str]:
    """Split at the commas that are not inside parentheses.

    Examples
    --------
    >>> _split("a:is(b,c),d")
    ['a:is(b,c)', 'd']
    """
    return re.split(r",(?![^(]*\))", selectors)
