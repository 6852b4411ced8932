"""Style sheets without the rules that can match nothing: most of Bootstrap's and Font Awesome's.

A selector goes if it asks for a class or an id whose name occurs nowhere in the built pages, in the
scripts that they load, or in this course's own style sheet. Everything else stays, in its order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tinycss2

NESTED = {"media", "supports", "layer", "container"}
NAMES = re.compile(r"[\w-]+")
ASKED = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")


def prune(out: Path, sheets: list[Path]) -> None:
    """Rewrite each of `sheets` for the pages and scripts found under `out`."""
    sources = [*out.rglob("*.html"), *(out / "_static").glob("**/*.js")]
    told = (p.read_text(encoding="utf-8") for p in sources if "mathjax" not in p.parts)
    known = {name for text in told for name in NAMES.findall(text)}
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
    return str(rule.serialize())


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
