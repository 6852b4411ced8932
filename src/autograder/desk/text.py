"""Words and tables that others wrote, made safe to print, to compare and to open elsewhere."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.errors import WrongInputError

MAX_TABLE = 20 << 20
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[-+]?[\d.,\s:/%]*")
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(text: str, limit: int = 80) -> str:
    r"""Return text that can be printed: unseen characters escaped, and not too long.

    Right-to-left marks, line breaks and escape sequences of terminals are unseen characters.

    Examples
    --------
    >>> shown("Zoë\u202e\n")
    'Zoë\\u202e\\n'
    """
    out = "".join(
        c.encode("unicode_escape").decode("ascii") if unicodedata.category(c) in UNSEEN else c
        for c in text[: limit + 1]
    )
    return out if len(out) <= limit else out[:limit] + "…"


def key_of(name: str) -> str:
    """Return what two spellings of a name have in common: its letters and digits, in small.

    Examples
    --------
    >>> key_of("Lovelace, Ada") == key_of("lovelaceada")
    True
    """
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a quote goes before what looks so.

    References
    ----------
    OWASP, *CSV Injection*.

    Examples
    --------
    >>> inert("=1+1"), inert("-2.5"), inert("Ada")
    ("'=1+1", '-2.5', 'Ada')
    """
    starts = cell.lstrip(" \v\f\u00a0").startswith(FORMULA)
    return f"'{cell}" if starts and not NUMBER.fullmatch(cell) else cell


def table_of(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV, every cell inert."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def read_table(path: Path, *, stripped: bool = True) -> list[list[str]]:
    """Return the rows of a CSV file, cells stripped (unless told not to) and empty rows dropped.

    UTF-8 with or without a mark, UTF-16, else Windows-1252; comma, semicolon or tab.

    Raises
    ------
    WrongInputError
        If it is no such file.
    """
    text = _decoded(path)
    first = text.split("\n", 1)[0]
    comma = max(",;\t", key=first.count)
    try:
        rows = [
            [cell.strip() if stripped else cell for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma)
        ]
    except csv.Error as error:
        raise WrongInputError(f"{path} is not a table in CSV: {error}") from error
    rows = [row for row in rows if any(map(str.strip, row))]
    if not rows:
        raise WrongInputError(f"{path} is empty; the first line of a table names its columns")
    return rows


def _decoded(path: Path) -> str:
    if not path.is_file():
        raise WrongInputError(f"there is no file {path}")
    with path.open("rb") as file:
        raw = file.read(MAX_TABLE + 1)
    if len(raw) > MAX_TABLE:
        raise WrongInputError(f"{path} has more than {MAX_TABLE >> 20} MB, too much for a table")
    if raw.startswith(b"PK\3\4"):
        raise WrongInputError(f"{path} is a workbook or a zip file; save it as CSV first")
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        if encoding == "utf-16" and raw[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise WrongInputError(f"{path} is not text, so it is not a table in CSV")
