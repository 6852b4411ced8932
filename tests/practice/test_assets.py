"""What the practice loads comes by npm, once; without npm, one line says so."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from practice import assets


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Assets in a folder of their own, and the commands that were run for them."""
    for name, folder in (("BUILD", ""), ("ASSETS", "assets"), ("NPM", "npm")):
        monkeypatch.setattr(assets, name, tmp_path / folder)
    commands: list[str] = []

    def run(command: list[str], **_: Any) -> SimpleNamespace:
        commands.append(Path(command[0]).name)
        package = tmp_path / "npm" / "node_modules" / "pyodide"
        package.mkdir(parents=True, exist_ok=True)
        for name in assets.PYODIDE:
            (package / name).write_bytes(b"x" * 1_500_000)
        (package / "pyodide-lock.json").write_text('{"info": {"version": "1"}}')
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(assets.subprocess, "run", run)
    return commands


def test_assets_are_fetched_once_and_again_for_another_lock(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that has them runs nothing."""
    assets.main()
    assets.main()
    assert fetched == ["npm", "node"]
    monkeypatch.setattr(assets, "fingerprint", lambda: "another")
    assets.main()

    assert fetched == ["npm", "node"] * 2
    assert "python_stdlib-zip-2.js" in (assets.ASSETS / "parts.js").read_text()
    assert "@codemirror/view 6." in (assets.ASSETS / "licenses.txt").read_text()


def test_without_npm_one_line_says_what_is_missing(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the details are, too; and what failed is not taken for done."""

    def fails(*_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(returncode=1, stdout="", stderr="npm error ENOTFOUND")

    monkeypatch.setattr(assets.subprocess, "run", fails)
    with pytest.raises(SystemExit) as ended:
        assets.main()

    assert str(ended.value).startswith("make: Python and the editor for the practice pages could")
    assert len(str(ended.value).splitlines()) == 1
    assert "ENOTFOUND" in (assets.BUILD / "npm.log").read_text()
    assert not assets.up_to_date()
