"""The measurement of speed: medians, its table, and what it says where Lighthouse is missing."""

from __future__ import annotations

from typing import Any

import lighthouse
import pytest


def report(score: float, value: float) -> dict[str, Any]:
    """Return what of a report of Lighthouse is read."""
    return {
        "categories": {name: {"score": score} for name in lighthouse.SCORES},
        "audits": {
            audit: {"numericValue": value * unit} for audit, unit in lighthouse.FIGURES.values()
        },
    }


def test_a_page_has_the_medians_of_its_runs() -> None:
    """One slow run of three changes neither score nor figure."""
    found = lighthouse.measure("book/edges", [report(0.97, 8), report(0.5, 900), report(0.98, 9)])

    assert set(found.scores.values()) == {97}
    assert set(found.figures.values()) == {9}
    assert found.line().startswith("| book/edges | 97 | 97 | 97 | 97 | 9 |")


def test_without_lighthouse_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither on the path nor named: no traceback."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("LIGHTHOUSE", raising=False)

    with pytest.raises(SystemExit, match="no Lighthouse was found: install it with Node"):
        lighthouse.tools()
