"""Notebooks as they come back from mail programs, editors and merge tools, with a right answer."""

from __future__ import annotations

import copy
import json

from hostile import Hostile, Notebook
from hostile.metadata import cell

RIGHT = "def add(a, b):\n    return a + b"
BAD = ("malformed",)


def copied_test(book: Notebook) -> None:
    book["cells"].append(copy.deepcopy(cell(book, "test_add")))


def copied_answer(book: Notebook) -> None:
    spare = copy.deepcopy(cell(book, "add"))
    spare["source"] = "# an old attempt\nraise NotImplementedError"
    book["cells"].insert(0, spare)


def copied_all(book: Notebook) -> None:
    book["cells"] += copy.deepcopy(book["cells"])


def schema(version: object):  # type: ignore[no-untyped-def]
    def edit(book: Notebook) -> None:
        for c in book["cells"]:
            if "nbgrader" in c["metadata"]:
                c["metadata"]["nbgrader"]["schema_version"] = version

    return edit


def without_schema(book: Notebook) -> None:
    for c in book["cells"]:
        c["metadata"].get("nbgrader", {}).pop("schema_version", None)


def without_tests(book: Notebook) -> None:
    book["cells"] = [c for c in book["cells"] if "test_" not in str(c["metadata"].get("nbgrader"))]


def without_title(book: Notebook) -> None:
    book["cells"] = book["cells"][1:]


def reversed_cells(book: Notebook) -> None:
    book["cells"].reverse()


def other_kernel(book: Notebook) -> None:
    book["metadata"] = {"kernelspec": {"name": "julia-1.9", "display_name": "Julia"}}


def no_metadata(book: Notebook) -> None:
    book["metadata"] = None


def one_string(book: Notebook) -> None:
    for c in book["cells"]:
        c["source"] = "".join(c["source"])


def no_ids(book: Notebook) -> None:
    for c in book["cells"]:
        c.pop("id")


def same_ids(book: Notebook) -> None:
    for c in book["cells"]:
        c["id"] = "x"


def odd_cells(book: Notebook) -> None:
    book["cells"] += [None, 5, {}, {"cell_type": "widget"}, {"cell_type": "code", "source": 7},
                      {"cell_type": "code", "source": [1, None], "metadata": []}]  # fmt: skip


def attachments(book: Notebook) -> None:
    book["cells"][0]["attachments"] = {"x.png": {"image/png": "A" * 1_000_000}}


def version_3(raw: bytes) -> bytes:
    book = json.loads(raw)
    for c in book["cells"]:
        if c["cell_type"] == "code":
            c["input"] = c.pop("source")
            c["language"] = "python"
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [{"cells": book["cells"]}],
    }
    return json.dumps(old).encode()


SUBMISSIONS = [
    Hostile("a copied test cell", RIGHT, 3, copied_test),
    Hostile("an old copy of the answer cell in front", RIGHT, 3, copied_answer),
    Hostile("every cell twice", RIGHT, 3, copied_all),
    Hostile("schema version 99", RIGHT, 3, schema(99)),
    Hostile("schema version 0", RIGHT, 3, schema(0)),
    Hostile("a schema version that is text", RIGHT, 3, schema("three")),
    Hostile("no schema version", RIGHT, 3, without_schema),
    Hostile("no test cells", RIGHT, 3, without_tests),
    Hostile("no title", RIGHT, 3, without_title),
    Hostile("cells in reverse order", RIGHT, 3, reversed_cells),
    Hostile("another kernel", RIGHT, 3, other_kernel),
    Hostile("no metadata", RIGHT, 3, no_metadata),
    Hostile("sources as one string each", RIGHT, 3, one_string),
    Hostile("no cell ids", RIGHT, 3, no_ids),
    Hostile("one cell id for all", RIGHT, 3, same_ids),
    Hostile("cells that are none", RIGHT, 3, odd_cells),
    Hostile("a large attachment", RIGHT, 3, attachments),
    Hostile("a byte order mark", RIGHT, 3, raw=lambda raw: b"\xef\xbb\xbf" + raw),
    Hostile("UTF-16", RIGHT, 3, raw=lambda raw: raw.decode().encode("utf-16")),
    Hostile(
        "Latin-1",
        RIGHT + "  # né",
        3,
        raw=lambda raw: raw.decode().replace("\\u00e9", "é").encode("latin-1"),
    ),
    Hostile("nbformat 3", RIGHT, 3, raw=version_3),
    Hostile(
        "nbformat 9", RIGHT, 3, raw=lambda raw: raw.replace(b'"nbformat": 4', b'"nbformat": 9')
    ),
    Hostile("nothing", RIGHT, raw=lambda raw: b"", statuses=BAD),
    Hostile("half a file", RIGHT, raw=lambda raw: raw[: len(raw) // 2], statuses=BAD),
    Hostile("a merge conflict", RIGHT, raw=lambda raw: b"<<<<<<< HEAD\n" + raw, statuses=BAD),
    Hostile(
        "a web page", RIGHT, raw=lambda raw: b"<!doctype html><title>Log in</title>", statuses=BAD
    ),
    Hostile("a zip file", RIGHT, raw=lambda raw: b"PK\x03\x04" + bytes(400), statuses=BAD),
    Hostile("brackets without end", RIGHT, raw=lambda raw: b"[" * 10**6, statuses=BAD),
    Hostile("a null character in the source", RIGHT + "\n# \0", 3),
]
