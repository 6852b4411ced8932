"""Words and tables that others wrote, made safe to print, to compare and to open elsewhere."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from nbexaminer.printable import printable
from nbexaminer.printable import shown as shown

FORMULA = ("=", "+", "-", "@")
NUMBER = re.compile(r"[-+]?[\d.,\s:/%]*")
UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})  # for one line of a file; others are parts of words


def key_of(name: str) -> str:
    """Return what two spellings of a name have in common: its letters and digits, in small.

    Examples
    --------
    >>> key_of("Lovelace, Ada") == key_of("lovelaceada")
    True
    """
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def inert(cell: str, *, multiline: bool = False) -> str:
    r"""Return a cell that is one cell and no formula to any program that opens the table.

    A quote goes before each part that looks like a formula: at the start, and after a semicolon or
    a line break, which end a cell where a program takes another separator than the comma. Line
    breaks and control characters are escaped; with `multiline`, line breaks stay.

    References
    ----------
    OWASP, *CSV Injection*.

    Examples
    --------
    >>> inert("=1+1"), inert("-2.5"), inert("Ada"), inert("x;=1+1"), inert("x\r=1+1")
    ("'=1+1", '-2.5', 'Ada', "x;'=1+1", "x\\r'=1+1")
    """
    lines = re.split(r"(\r\n?|[\n\v\f\t\x1c-\x1e\x85\u2028\u2029])", cell)
    out = ""
    for place, part in enumerate(lines):
        if place % 2 == 0:
            out += ";".join(map(_quoted, part.split(";")))
        else:
            out += "\n" if multiline and part in ("\n", "\r\n") else part
    return printable(out, keep="\n" if multiline else "", unseen=UNFIT)


def _quoted(part: str) -> str:
    """Return a part of a cell with a quote before what begins a formula, in any width."""
    dropped = (c == '"' or unicodedata.category(c)[0] in "CZ" for c in part)
    first = next((place for place, is_dropped in enumerate(dropped) if not is_dropped), len(part))
    begins = unicodedata.normalize("NFKC", part[first : first + 1]) in FORMULA
    return f"'{part}" if begins and not NUMBER.fullmatch(part[first:]) else part


def table_of(rows: Iterable[Sequence[str]], *, multiline: bool = False) -> str:
    """Return rows as CSV, every cell `inert`."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([inert(cell, multiline=multiline) for cell in row] for row in rows)
    return buffer.getvalue()
