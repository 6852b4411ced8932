"""Each system is one module, which the commands find by themselves."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from nbexaminer.cli.main import parser
from nbexaminer.lms import systems
from nbexaminer.lms.systems import SYSTEMS

MODULES = sorted(path.stem for path in Path(systems.__file__).parent.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_s_system_is_found_by_its_name(name: str) -> None:
    """No list names the systems: a module in the folder is enough."""
    assert SYSTEMS[name] is import_module(f"{systems.__name__}.{name}").SYSTEM
    assert SYSTEMS[name].name == name


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=list(SYSTEMS))
def test_the_commands_offer_what_a_system_can(
    system: systems.System, capsys: pytest.CaptureFixture[str]
) -> None:
    """A system is in the help of a command exactly where it takes part, in lines that fit."""
    parts = {"collect": system.words, "export": system.export, "give-back": system.feedback}
    for command, takes_part in parts.items():
        with pytest.raises(SystemExit):
            parser().parse_args([command, "--help"])
        lines = capsys.readouterr().out.splitlines()
        offered = any(line.startswith(f"{system.name} ") for line in lines)

        assert offered == bool(takes_part) or system.name == "exchange"
        assert max(map(len, lines)) <= 100


def test_the_more_telling_names_are_tried_first() -> None:
    """A download that two systems could have written is read as the first of these."""
    assert list(SYSTEMS)[:3] == ["moodle", "canvas", "exchange"]
