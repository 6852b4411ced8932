"""Pictures in written answers on the pages of staff and students: what is attached, and no more."""

from __future__ import annotations

import base64

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook

from nbexaminer.feedback.page import _prose
from nbexaminer.feedback.staff_view import StaffView

GIF = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
TEXT = base64.b64encode(GIF).decode()
ADDRESS = f"data:image/gif;base64,{TEXT}"
SVG = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()


def for_staff(source: str, attachments: object) -> str:
    """Return what formgrader's exporter makes of a cell that our preprocessor has seen."""
    cell = new_markdown_cell(source, attachments=attachments)
    shown, _ = StaffView().preprocess_cell(cell, {}, 0)
    page, _ = HTMLExporter().from_notebook_node(new_notebook(cells=[shown]))
    return str(page[page.index("<main") :])


def for_students(source: str, attachments: object) -> str:
    return str(_prose(source, attachments))


PAGES = pytest.mark.parametrize("page", [for_staff, for_students])


@PAGES
@pytest.mark.parametrize("name", ["p.gif", "my%20p.gif"])
def test_an_attached_picture_is_on_the_page(page: type, name: str) -> None:
    """It is in the page itself, between the words that stand around it."""
    files = {"p.gif": {"image/gif": TEXT}, "my p.gif": {"image/gif": TEXT}}
    html = page(f"before ![it](attachment:{name}) after", files)

    assert f'src="{ADDRESS}"' in html
    assert html.index("before") < html.index(ADDRESS) < html.index("after")


@PAGES
@pytest.mark.parametrize(
    ("source", "bundle"),
    [
        ("![x](attachment:p)", {"image/svg+xml": SVG}),
        ("![x](attachment:p)", {"image/png": SVG}),
        ("![x](attachment:p)", {"image/gif": f'{TEXT}" onerror="alert(1)'}),
        ("![x](attachment:p)", {"text/html": "<script>alert(1)</script>"}),
        ("![x](attachment:q)", {"image/gif": TEXT}),
        ("![x](https://elsewhere.example/p.gif)", {"image/gif": TEXT}),
        ("![x](javascript:alert(1))", {"image/gif": TEXT}),
        (f"<img src='{ADDRESS}' onerror='alert(1)'>", {"image/gif": TEXT}),
    ],
)
def test_what_is_no_attached_picture_is_text(
    page: type, source: str, bundle: dict[str, str]
) -> None:
    """Nothing active, nothing from elsewhere, and no page that cannot be made."""
    html = page(source, {"p": bundle})

    assert "<img" not in html
    assert "<svg" not in html
    assert "<script" not in html


@PAGES
def test_the_words_for_a_picture_stay_words(page: type) -> None:
    """They end no attribute, and are no link around the picture."""
    html = page('[![a"onerror="b](attachment:p)](javascript:c)', {"p": {"image/gif": TEXT}})

    assert ADDRESS in html
    assert '"onerror="' not in html
    assert 'href="javascript' not in html
