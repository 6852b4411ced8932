"""What an installation brings: every module, template and marker, and a command that runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ENGINE = Path(__file__).resolve().parents[1]
IGNORED = {"__pycache__", "nbexaminer.egg-info"}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a wheel, as pip puts them into an environment."""
    copy = tmp_path_factory.mktemp("copy") / "engine"  # a build leaves files beside its sources
    shutil.copytree(
        ENGINE, copy, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__", "tests")
    )
    wheels, to = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("unpacked")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-q", "-w", wheels, copy], check=True, capture_output=True)
    (wheel,) = wheels.glob("nbexaminer-*.whl")
    with zipfile.ZipFile(wheel) as bundle:
        bundle.extractall(to)
    return to


def test_a_wheel_has_every_file_of_the_package(unpacked: Path) -> None:
    """Templates and the marker of types among them; no test."""
    package = ENGINE / "src" / "nbexaminer"
    files = {p.relative_to(package) for p in package.rglob("*") if p.is_file()}
    wanted = {path for path in files if not IGNORED & set(path.parts)}
    home = unpacked / "nbexaminer"

    assert {p.relative_to(home) for p in home.rglob("*") if p.is_file()} == wanted
    assert {p.name for p in unpacked.iterdir() if not p.name.endswith(".dist-info")} == {home.name}


def test_the_command_is_that_of_the_module(unpacked: Path) -> None:
    """`nbexaminer` is installed; what it runs lists the commands."""
    (entry,) = unpacked.glob("*.dist-info/entry_points.txt")
    module, function = entry.read_text().partition("nbexaminer = ")[2].strip().split(":")
    script = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r}); sys.argv = ['nbexaminer', '--help']; "
        f"import {module} as m; print(m.__file__); m.{function}()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert str(unpacked) in done.stdout
    assert "usage: nbexaminer " in done.stdout
    assert "give-back" in done.stdout
