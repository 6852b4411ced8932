"""Files beside an instructor's notebook that an answer may write and a graded cell reads.

Apart, a graded cell finds the instructor's file there, whatever an answer wrote. Nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbexaminer.notebooks.cells import grade_id, is_grade, is_solution, read_notebook
from nbexaminer.notebooks.dependencies import python_of

WRITERS = re.compile(
    r"save\w*|write\w*|dump|imsave|imwrite|tofile|copyfile|touch|unlink|"
    r"to_(?:csv|excel|feather|file|hdf|html|image|json|latex|markdown|orc|parquet|pickle|sql|stata|"
    r"string|xml|netcdf)"
)


def contested(folder: Path) -> Mapping[tuple[str, str], str]:
    """Return the graded cells that read what an answer may write, by notebook and name.

    Parameters
    ----------
    folder : Path
        The source folder of an assignment.

    Returns
    -------
    mapping
        Of each, the first such file that stands beside the notebook.
    """
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    names = [path.as_posix() for path in files if path.suffix not in (".ipynb", ".py")]
    found: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("*.ipynb")) if names else ():
        cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
        if not any(_writes(cell.source) for cell in cells if is_solution(cell)):
            continue
        constants: dict[str, str] = {}
        for cell in cells:
            if is_grade(cell) and not is_solution(cell):
                read = set(_texts(cell.source, constants))
                file = next((name for name in names if _names(name, read)), "")
                found |= {(path.stem, grade_id(cell)): file} if file else {}
            else:
                constants |= _constants(cell.source)
    return found


def _writes(source: str) -> bool:
    """Return whether a cell calls what writes or changes a file."""
    calls = (node for node in ast.walk(_parsed(source)) if isinstance(node, ast.Call))
    return any(_is_writer(call) for call in calls)


def _is_writer(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name != "open":
        return WRITERS.fullmatch(name) is not None
    given = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    modes = [one.value for one in given if isinstance(one, ast.Constant)]
    return any(re.fullmatch(r"[bt]*[wax+][bt+]*|r[bt]*\+[bt]*", str(mode)) for mode in modes)


def _texts(source: str, constants: Mapping[str, str]) -> Iterator[str]:
    """Yield the texts in a cell, and those of the names that it uses."""
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name) and node.id in constants:
            yield constants[node.id]


def _constants(source: str) -> dict[str, str]:
    """Return the names that a cell sets to texts."""
    return {
        target.id: node.value.value
        for node in _parsed(source).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def _names(file: str, texts: set[str]) -> bool:
    """Return whether one of some texts is a file's path, or ends with its last part."""
    last = file.rpartition("/")[2]
    return any(text in (file, last) or text.endswith("/" + last) for text in texts)


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(python_of(source))
    except SyntaxError:
        return ast.Module([], [])
