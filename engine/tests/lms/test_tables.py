"""Tables of other systems come back byte for byte; whatever encoding and delimiter they have."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbexaminer.errors import WrongInputError
from nbexaminer.lms.tables import bare, encoding_of, number_in, read_table, writes_commas

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=5), min_size=1, max_size=6)
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(rows: list[list[str]], delimiter: str, end: str, *, quoted: bool) -> str:
    """Return rows as another system's writer of CSV puts them, all in quotes or where needed."""
    signs = (delimiter, '"', "\r", "\n")
    lines = [
        delimiter.join(
            '"' + cell.replace('"', '""') + '"' if quoted or any(s in cell for s in signs) else cell
            for cell in row
        )
        for row in rows
    ]
    return "".join(line + end for line in lines)


@QUIET
@given(
    rows=TABLES,
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoted=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_table_comes_back_to_the_byte_but_for_the_cell_that_changed(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str, quoted: bool, encoding: str
) -> None:
    """Delimiter, quotes, line ends, mark and encoding stay; the values are those of `csv`."""
    rows = [["name", "points", *"xyz"], *([f"s{i}", "", *row] for i, row in enumerate(rows))]
    text = written(rows, delimiter, end, quoted=quoted)
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    table = read_table(path)
    changed = [list(row) for row in table.rows]
    changed[1][1] = "3,25"
    expected = [list(row) for row in rows]
    expected[1][1] = "3,25"
    again = table.content(changed).decode(encoding)

    assert table.rows == list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert table.content() == path.read_bytes()
    assert list(csv.reader(io.StringIO(again, newline=""), delimiter=delimiter)) == expected
    assert table.content()[-1:] == table.content(changed)[-1:]


def test_lines_that_say_nothing_stay_where_they_are(tmp_path: Path) -> None:
    """The line sep=, empty lines and short rows: none is dropped, none is filled up."""
    raw = b"sep=;\r\nid;name;points\r\n\r\nada;Ada\r\n;;\r\nalan;Alan;;;\r\n"
    path = tmp_path / "table.csv"
    path.write_bytes(raw)
    table = read_table(path)
    rows = [list(row) for row in table.rows]
    rows[1] = [*rows[1], "4"]

    assert table.rows[0] == ["id", "name", "points"]
    assert table.lines == [2, 4, 6]
    assert table.content(rows) == raw.replace(b"ada;Ada\r\n", b"ada;Ada;4\r\n")


NAMES = {
    "utf-8": "王小明,Zoë",
    "gb18030": "王小明\n李娜\n张喆",
    "cp1252": "Jürgen Müller\nFrançois Lefèvre\nZoë Ångström",
    "cp1251": "Иван Петров\nАнна Сидорова",
    "cp932": "田中太郎\n鈴木花子",
    "big5": "陳小明\n林美玲",
}


@pytest.mark.parametrize(("encoding", "names"), NAMES.items(), ids=list(NAMES))
def test_names_are_read_in_the_encoding_of_their_spreadsheet(
    tmp_path: Path, encoding: str, names: str
) -> None:
    """Without a mark, UTF-8 comes first, and a guess is said to be one."""
    path = tmp_path / "roster.csv"
    path.write_bytes(f"id,name\n1,{names}".encode(encoding))
    table = read_table(path)

    assert (table.encoding, table.guessed) == (encoding, encoding != "utf-8")
    assert table.content() == path.read_bytes()


def test_utf_16_is_read_without_its_mark() -> None:
    """Some programs leave it out; the zeros between the letters say so."""
    assert encoding_of("id,name\n".encode("utf-16-le")) == ("utf-16-le", False)
    assert encoding_of("id,name\n".encode("utf-16-be")) == ("utf-16-be", False)


DELIMITED = {
    "commas in a heading": ('Vorname;"Aufgabe: a, b, c"\nAda;1,5\n', ";"),
    "as many commas": ("id;name, title\nada;Ada\n", ";"),
    "tabs": ("id\tname\nada\tLovelace, Ada\n", "\t"),
    "one column": ("id\nada\n", ","),
    "a name over two lines": ('id;name\nada;"Ada\nLovelace, Countess"\n', ";"),
}


@pytest.mark.parametrize(("text", "delimiter"), DELIMITED.values(), ids=list(DELIMITED))
def test_the_delimiter_is_told_from_the_rows(tmp_path: Path, text: str, delimiter: str) -> None:
    """Not from the number of commas in the first line."""
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")

    assert read_table(path).delimiter == delimiter


WRONG = {
    "an open quote": (b'id,name\nada,"Ada\n', "a quote is opened and never closed"),
    "a workbook of old": (b"\xd0\xcf\x11\xe0\xa1\xb1", "is a workbook"),
    "nothing": (b"\n\n", "is empty"),
}


@pytest.mark.parametrize(("raw", "says"), WRONG.values(), ids=list(WRONG))
def test_what_is_no_table_is_refused_in_a_line(tmp_path: Path, raw: bytes, says: str) -> None:
    """Half a table would lose the rows after the quote."""
    path = tmp_path / "table.csv"
    path.write_bytes(raw)

    with pytest.raises(WrongInputError, match=says):
        read_table(path)


def test_numbers_are_those_of_the_table() -> None:
    """Its own cells say whether a comma is decimal; where they say nothing, the delimiter does."""
    assert [number_in(cell) for cell in ("3,25", "3.25", " 7 ", "1e3", "inf", "-")] == [
        3.25, 3.25, 7.0, None, None, None,
    ]  # fmt: skip
    assert writes_commas(["6,00", ""], ",") and not writes_commas(["6.00"], ";")
    assert writes_commas(["", "6"], ";") and not writes_commas(["", "6"], ",")


def test_a_quote_before_a_formula_is_undone_and_no_other() -> None:
    """What was made inert for a spreadsheet reads as it was written."""
    assert [bare(cell) for cell in ("'=zoe", "'-a", " ada ", "'t Hooft")] == [
        "=zoe", "-a", "ada", "'t Hooft",
    ]  # fmt: skip
