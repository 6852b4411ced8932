"""Tables in CSV as other systems write them: read whatever they are, written back byte for byte.

A table keeps the text of every cell, so that what is written differs only where a cell was changed:
delimiter, quotes, line ends, byte-order mark and encoding stay as they were.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from nbexaminer.errors import WrongInputError
from nbexaminer.text import FORMULA, inert, shown

MAX_TABLE = 20 << 20
SAMPLE = 1 << 16
DELIMITERS = ",;\t|"
BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins like UTF-16, so it is looked for before it
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
SEP_LINE = re.compile(r'"?sep=(?P<delimiter>[^\r\n"])"?(\r\n|\r|\n)', re.IGNORECASE)
# Bytes without a mark that are not UTF-8 are one of these only if charset-normalizer says so: it
# takes short lists of Western names for Central European ones, and Chinese ones for Korean.
DETECTED = {"cp932", "big5", "cp949", "cp1251", "cp1253", "cp1255", "cp1256"}
NUMBER = re.compile(r"[-+]?\d+(?P<fraction>[.,]\d+)?")


@dataclass(frozen=True)
class CsvField:
    """One cell: its text in the file with quotes and all, and what follows it."""

    raw: str
    end: str

    @property
    def value(self) -> str:
        """Return what the cell says; what follows a closing quote belongs to it, as in `csv`."""
        if not self.raw.startswith('"'):
            return self.raw
        inner, _, rest = self.raw[1:].replace('""', "\0").partition('"')
        return inner.replace("\0", '"') + rest.replace("\0", '""')


@dataclass(frozen=True)
class CsvTable:
    """A table in CSV.

    Parameters
    ----------
    records : sequence of sequences of CsvField
        All lines, the empty ones too.
    delimiter : str
    encoding : str
        Codec of Python.
    head : str
        What stands before the first line of the table: a line ``sep=;``, or nothing.
    bom : bytes
        The byte-order mark, or nothing.
    guessed : bool
        Whether the encoding was told from the bytes alone.
    """

    records: Sequence[Sequence[CsvField]]
    delimiter: str = ","
    encoding: str = "utf-8"
    head: str = ""
    bom: bytes = b""
    guessed: bool = False

    @property
    def rows(self) -> list[list[str]]:
        """Return the values of all rows that have any; the first is the header."""
        return [[cell.value for cell in record] for record in self._told()]

    @property
    def lines(self) -> list[int]:
        """Return the line of the file in which each of `rows` begins."""
        line, found = 1 + bool(self.head), []
        for record in self.records:
            if any(cell.value.strip() for cell in record):
                found.append(line)
            text = "".join(cell.raw + cell.end for cell in record)
            line += len(re.findall(r"\r\n|\r|\n", text))
        return found

    def _told(self) -> Iterator[Sequence[CsvField]]:
        return (record for record in self.records if any(cell.value.strip() for cell in record))

    def content(self, rows: Iterable[Sequence[str]] | None = None) -> bytes:
        """Return the file, with other values in the place of those of `rows` where they differ.

        Parameters
        ----------
        rows : iterable of sequences of str, optional
            As `CsvTable.rows` returned them, with some cells changed.
        """
        new = iter(self.rows if rows is None else rows)
        told = {id(record) for record in self._told()}
        parts = [self.head]
        for record in self.records:
            cells = self._changed(record, next(new)) if id(record) in told else record
            parts += [cell.raw + cell.end for cell in cells]
        return self.bom + "".join(parts).encode(self.encoding)

    def _changed(self, record: Sequence[CsvField], values: Sequence[str]) -> Sequence[CsvField]:
        """Return a record with other values, as long as it was unless a later cell has one."""
        wide = len(record)
        while values and len(values) > wide and not values[-1]:
            values = values[:-1]
        if len(values) > wide:
            last = record[-1]
            gaps = [CsvField("", self.delimiter)] * (len(values) - wide - 1)
            record = [
                *record[:-1],
                CsvField(last.raw, self.delimiter),
                *gaps,
                CsvField("", last.end),
            ]
        return [
            cell if cell.value == value else CsvField(self._quoted(value, cell.raw), cell.end)
            for cell, value in zip(record, values, strict=True)
        ]

    def _quoted(self, value: str, before: str) -> str:
        """Return a value as a cell: in quotes where it needs them, or had them."""
        if before.startswith('"') or any(c in value for c in (self.delimiter, '"', "\r", "\n")):
            return '"' + value.replace('"', '""') + '"'
        return value


def read_table(path: Path) -> CsvTable:
    """Return a table in CSV: comma, semicolon, tab or bar; any of the usual encodings.

    A byte-order mark decides the encoding, then UTF-8 if it fits, then the bytes' own statistics.

    Raises
    ------
    WrongInputError
        If it is no such file, or an empty one.
    """
    raw = _bytes_of(path)
    bom = next((bom for bom in BOMS if raw.startswith(bom)), b"")
    encoding, guessed = (BOMS[bom], False) if bom else encoding_of(raw)
    try:
        text = raw.removeprefix(bom).decode(encoding)
    except UnicodeDecodeError as error:
        raise WrongInputError(f"{path} is not text, so it is not a table in CSV") from error
    if "\0" in text:
        raise WrongInputError(f"{path} is not text, so it is not a table in CSV")
    head = SEP_LINE.match(text)
    body = text[head.end() :] if head else text
    delimiter = head["delimiter"] if head else delimiter_of(body)
    records = list(split(body, delimiter))
    table = CsvTable(
        records=records,
        delimiter=delimiter,
        encoding=encoding,
        head=head[0] if head else "",
        bom=bom,
        guessed=guessed,
    )
    if not table.rows:
        raise WrongInputError(f"{path} is empty; the first line of a table names its columns")
    if records[-1][-1].raw.startswith('"') and not _is_closed(records[-1][-1].raw):
        raise WrongInputError(f"{path} is not a table in CSV: a quote is opened and never closed")
    return table


def _bytes_of(path: Path) -> bytes:
    if not path.is_file():
        raise WrongInputError(f"there is no file {path}")
    with path.open("rb") as file:
        raw = file.read(MAX_TABLE + 1)
    if len(raw) > MAX_TABLE:
        raise WrongInputError(f"{path} has more than {MAX_TABLE >> 20} MB, too much for a table")
    if raw.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        raise WrongInputError(f"{path} is a workbook or a zip file; save it as CSV first")
    return raw


def encoding_of(raw: bytes) -> tuple[str, bool]:
    """Return the encoding of text without a byte-order mark, and whether it is a guess.

    Examples
    --------
    >>> encoding_of("Zoë".encode()), encoding_of("Zoë".encode("cp1252"))
    (('utf-8', False), ('cp1252', True))
    >>> encoding_of("王小明,李娜".encode("gbk"))
    ('gb18030', True)
    """
    if len(raw) % 2 == 0 and raw[1::2].count(0) > len(raw) // 4:
        return "utf-16-le", False
    if len(raw) % 2 == 0 and raw[0::2].count(0) > len(raw) // 4:
        return "utf-16-be", False
    if _works(raw, "utf-8"):
        return "utf-8", False
    if _works(raw, "gb18030") and _is_chinese(raw.decode("gb18030")):
        return "gb18030", True
    sample = raw[:SAMPLE].rpartition(b"\n")[0] or raw[:SAMPLE]
    best = from_bytes(sample, cp_isolation=[*DETECTED, "cp1250", "cp1252"]).best()
    likely = [best.encoding] if best and best.encoding in DETECTED else []
    found = (name for name in (*likely, "cp1252", "cp1250") if _works(raw, name))
    return next(found, "latin-1"), True


def _works(raw: bytes, encoding: str) -> bool:
    """Whether bytes can be read in an encoding, and written again as they were."""
    try:
        return raw.decode(encoding).encode(encoding) == raw
    except UnicodeError:
        return False


def _is_chinese(text: str) -> bool:
    """Whether text beyond ASCII is Chinese as people write it, not bytes that happen to pair."""
    wide = [c for c in text if ord(c) > 127]
    levels = [c.encode("gb2312", "ignore")[:1] for c in wide]
    common = sum(1 for lead in levels if b"\xb0" <= lead <= b"\xd7")  # sorted by sound: everyday
    known = sum(1 for lead in levels if lead)
    return bool(wide) and known >= 0.5 * len(wide) and common >= 0.5 * len(wide)


def delimiter_of(text: str) -> str:
    r"""Return the delimiter of a table: none of its quotes stands inside a cell, its rows are even.

    Examples
    --------
    >>> delimiter_of('Vorname;"Aufgabe: a, b, c"'), delimiter_of("id;name, title\nada;Ada")
    (';', ';')
    """
    body = text.lstrip("\r\n")

    def fits(delimiter: str) -> tuple[bool, bool, float, int]:
        records = list(islice(split(body, delimiter), 50))
        wide = len(records[0]) if records else 0
        stray = any(
            '"' in c.raw and not c.raw.startswith('"') for record in records for c in record
        )
        even = sum(len(record) == wide for record in records) / max(1, len(records))
        return wide > 1, not stray, even, wide

    return max(DELIMITERS, key=fits)


def split(text: str, delimiter: str) -> Iterator[list[CsvField]]:
    r"""Split text into records of cells; all parts together are the text again.

    Examples
    --------
    >>> [[cell.value for cell in record] for record in split('a,"b,\nc"\r\nd', ",")]
    [['a', 'b,\nc'], ['d']]
    """
    mark = re.escape(delimiter)
    cell = re.compile(
        rf'(?P<raw>"(?:[^"]|"")*+(?:"[^{mark}\r\n]*)?|[^{mark}\r\n]*)(?P<end>{mark}|\r\n|\r|\n|\Z)'
    )
    record: list[CsvField] = []
    place = 0
    while place < len(text) or record:
        found = cell.match(text, place)
        assert found is not None  # whatever is no quoted cell is a plain one
        record.append(CsvField(found["raw"], found["end"]))
        place = found.end()
        if found["end"] != delimiter:
            yield record
            record = []


def _is_closed(raw: str) -> bool:
    return '"' in raw[1:].replace('""', "")


def bare(cell: str) -> str:
    """Return what a cell says: without spaces around it, and without a quote for spreadsheets.

    Such a quote stands before what would be taken for a formula, or for a number.

    Examples
    --------
    >>> bare(" '=zoe "), bare("'007"), bare("'tis")
    ('=zoe', '007', "'tis")
    """
    text = cell.strip()
    rest = text.removeprefix("'")
    return rest if rest.startswith(FORMULA) or rest.isdigit() else text


def guarded(rows: Iterable[Sequence[str]], columns: Iterable[int]) -> list[list[str]]:
    """Return rows in which no cell of some columns is a formula to a spreadsheet."""
    guard = set(columns)
    return [
        [inert(c, multiline=True) if i in guard else c for i, c in enumerate(row)] for row in rows
    ]


def number_in(text: str) -> float | None:
    """Return the number that a cell holds, with a point or a comma; None if it holds none.

    Examples
    --------
    >>> number_in("6,50"), number_in("6.0"), number_in("nan"), number_in("1.000,00")
    (6.5, 6.0, None, None)
    """
    found = NUMBER.fullmatch(text.strip())
    return float(text.strip().replace(",", ".")) if found else None


def writes_commas(cells: Iterable[str], delimiter: str) -> bool:
    """Whether numbers in a table have decimal commas; a semicolon says so where none is there."""
    signs = {found["fraction"][0] for c in cells if (found := _decimal(c))}
    return "," in signs if signs else delimiter == ";"


def _decimal(cell: str) -> re.Match[str] | None:
    found = NUMBER.fullmatch(cell.strip())
    return found if found and found["fraction"] else None


def said_of(path: Path, table: CsvTable) -> list[str]:
    """Return what somebody should know of how a table was read."""
    if not table.guessed:
        return []
    return [
        f"{shown(path.name)} is read as {table.encoding}; if names look wrong, save it as UTF-8"
    ]


def places(header: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return where in a table each known column stands, by the first of its names that is there.

    Examples
    --------
    >>> places(["Full name", "ID"], {"id": ["id"], "name": ["name", "full name"]})
    {'id': 1, 'name': 0}
    """
    small = [cell.strip().casefold() for cell in header]
    return {
        name: small.index(alias)
        for name, aliases in columns.items()
        for alias in reversed(aliases)
        if alias in small
    }
