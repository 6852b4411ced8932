"""A counterexample as plain values for a page, for JSON and for a log: texts, and rows of texts.

What an answer gave is other people's: numbers are written here, texts made printable and cut, types
told from a closed list. Whatever is large is said to be so.
"""

from __future__ import annotations

import builtins
import inspect
import math
from collections.abc import Iterator, Mapping
from typing import Any

from nbexaminer.printable import shown
from nbexaminer.problems.calls import Call, Made, ModuleCall, Opaque, Reply, untouched
from nbexaminer.problems.case import Facts
from nbexaminer.problems.compare import identical
from nbexaminer.problems.counterexample import Counterexample
from nbexaminer.values import codecs, tensors
from nbexaminer.values.codec import SINGLE, Codec

ROWS, COLUMNS, PARTS = 12, 12, 8  # of what is drawn
TEXT = 120  # characters of what is written
WHOLE = 1e6  # below which a whole number has all its digits
TOO_LARGE = "too large to show"


def facts(example: Counterexample) -> Facts:
    """Return a counterexample as a dict of texts and numbers, as `cli/run.schema.json` has it."""
    found, small = example.found, example.problem.small
    call, called = found.case.call, small.names if small else ()
    names = argument_names(example.problem.reference, call)
    before, after = untouched(call), found.reply.inputs
    changed = _first_changed(before, after) if found.wrong is None else None
    if changed is not None:
        both = (parts(values[changed], names[changed]) for values in (after, before))
        mine, wanted = ([{**p, "label": f"{p['label']} after the call"} for p in ps] for ps in both)
    else:
        mine, wanted = _outcome(found.reply, called), _outcome(example.expected, called)
    is_new = isinstance(call, ModuleCall) and not call.inputs  # its parameters are drawn
    comparable = bool(small and small.unique) and not is_new
    first = _first_wrong(mine, wanted) if comparable else None
    return {
        "call": source(example.problem.name, call),
        "size": example.size,
        "sentence": sentence(example, names, mine, wanted, first),
        "inputs": _inputs(call, names),
        "yours": mine,
        "expected": wanted,
        "first": first,
        "sketch": small.sketch if small and not found.reply.failed else "",
        "explorer": small.explorer(call) if small else "",
    }


def argument_names(reference: Any, call: Call | ModuleCall) -> list[str]:
    """Return the names of a call's arguments, as the reference has them."""
    if isinstance(call, ModuleCall):
        return [f"input{i or ''}" for i in range(len(call.inputs))]
    named = list(inspect.signature(reference).parameters)
    more = [f"argument {i}" for i in range(len(named), len(call.args))]
    return [*[*named, *more][: len(call.args)], *call.kwargs]


def _inputs(call: Call | ModuleCall, names: list[str]) -> list[Facts]:
    if isinstance(call, ModuleCall):
        made = call.construct[0] if len(call.construct) == 1 else call.construct
        values = {"made with": made, **call.parameters}
        values |= dict(zip(names, call.inputs, strict=True))
        values |= {} if call.cotangent is None else {"cotangent": call.cotangent}
    else:
        values = dict(zip(names, (*call.args, *call.kwargs.values()), strict=True))
    return [part for name, value in values.items() for part in parts(value, name)]


def _outcome(reply: Reply, names: tuple[str, ...]) -> list[Facts]:
    """Return what came back, or which error did."""
    if reply.failed:
        return [{"label": "", "text": f"raises {known_error(reply.errors)}"}]
    named = _named(reply.value, names).items()
    return [part for name, one in named for part in parts(one, name)][:PARTS]


def _named(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the parts of a result by name: of a tuple of tensors, and of a module's life."""
    if isinstance(value, dict) and "output" in value and "parameters" in value:
        if value["output"] is None:
            return _dict(value["parameters"], "{}")
        return {"output": value["output"], **_dict(value.get("gradients"), "gradient of {}")}
    if isinstance(value, tuple) and 0 < len(value) <= PARTS and all(map(codecs.of, value)):
        called = [*names, *(f"part {i}" for i in range(len(names), len(value)))]
        return dict(zip(called, value, strict=False))
    return {"": value}


def _dict(value: Any, words: str) -> dict[str, Any]:
    named = value.items() if isinstance(value, Mapping) else ()
    return {words.format(shown(str(name), 20)): one for name, one in named}


def known_error(errors: tuple[str, ...]) -> str:
    """Return the nearest of an error's classes that is Python's own.

    Examples
    --------
    >>> known_error(("ShapeError", "ValueError", "Exception")), known_error(("StudentError",))
    ('ValueError', 'an error')
    """
    kinds = (name for name in errors if isinstance(getattr(builtins, name, None), type))
    return next(kinds, "an error")


def parts(value: Any, label: str) -> list[Facts]:
    """Return a value as parts: a label with rows of texts, or with a text.

    Examples
    --------
    >>> parts((3, 4), "size"), parts([1.5, "a"], "")
    ([{'label': 'size', 'text': '(3, 4)'}], [{'label': '', 'text': "[1.5, 'a']"}])
    """
    found = list(_parts(value, label))
    many = len(found) > PARTS
    return [{"label": label, "text": TOO_LARGE}] if many else found


def _parts(value: Any, label: str) -> Iterator[Facts]:
    codec = codecs.of(value)
    if codec and value.shape:
        yield from _grids(value, label, codec)
    elif isinstance(value, tuple | list) and any(codecs.of(one) for one in value[:PARTS]):
        for place, one in enumerate(value[: PARTS + 1]):
            yield from _parts(one, f"{label}[{place}]" if label else f"part {place}")
    else:
        yield {"label": label, "text": text(value)}


def _grids(value: Any, label: str, codec: Codec) -> Iterator[Facts]:
    shape = tuple(value.shape)
    large = max(shape[-2:]) > COLUMNS or math.prod(shape[:-2]) > PARTS or len(shape) > 4
    if large or 0 in shape:
        yield {"label": label, "text": f"of shape {shape}"[:TEXT]}
        return
    rows = shape[-2] if len(shape) > 1 else 1
    written = [number(x) for x in codec.numbers(value)]
    lines = [written[i : i + shape[-1]] for i in range(0, len(written), shape[-1])]
    for place in range(0, len(lines), rows):
        index = "" if len(shape) < 3 else f"[{place // rows}]"
        if len(shape) == 4:
            index = f"[{place // rows // shape[1]}, {place // rows % shape[1]}]"
        yield {"label": f"{label}{index}", "rows": lines[place : place + rows]}


def number(x: Any) -> str:
    """Return a number as it is written in a grid.

    Examples
    --------
    >>> number(3.0), number(0.5), number(True), number(float("nan")), number(10**400)
    ('3', '0.5', '1', 'nan', 'too large to show')
    """
    if isinstance(x, complex):
        return f"{x:.3g}"
    try:
        return str(int(x)) if x == int(x) and abs(x) < WHOLE else f"{x:.4g}"
    except (OverflowError, ValueError):  # an int beyond all floats; infinity, not-a-number
        return str(x) if isinstance(x, float) else TOO_LARGE


def text(value: Any) -> str:
    """Return a value of Python's, or a single number of a library's, in one line."""
    codec = codecs.of(value)
    if codec:
        return number(codec.numbers(value)[0]) if not value.shape else f"of shape {value.shape}"
    if isinstance(value, Opaque):
        return "something else"
    networks = value if isinstance(value, list) else [value]
    if networks and all(isinstance(one, Made) for one in networks):
        return shown(_value(value), 2 * TEXT)
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int | float):
        return number(value) + ".0" * (isinstance(value, float) and value.is_integer())
    return shown(repr(value), TEXT) if _count(value) <= TEXT else TOO_LARGE


def _count(value: Any, most: int = TEXT) -> int:
    """Return how many things a value holds, as far as it is not too many."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, int):
        return min(value.bit_length(), 2 * most)
    if not isinstance(value, list | tuple | set | frozenset | dict):
        return 1
    if len(value) > most:
        return len(value)
    inside = value.values() if isinstance(value, dict) else value
    keys = map(_count, value) if isinstance(value, dict) else ()
    return 1 + sum(map(_count, inside)) + sum(keys)


def source(name: str, call: Call | ModuleCall) -> str:
    """Return a call as Python, to paste into the notebook.

    Examples
    --------
    >>> source("shout", Call(("a", (1, 2)), {"n": 2}))
    "shout('a', (1, 2), n=2)"
    """
    if isinstance(call, Call):
        named = [f"{key}={_value(value)}" for key, value in call.kwargs.items()]
        return f"{name}({', '.join([*map(_value, call.args), *named])})"
    lines = [f"layer = {name}({', '.join(map(_value, call.construct))})"]
    lines += [f"layer.{key}.data = {_value(v)}" for key, v in call.parameters.items()]
    inputs = {f"X{i or ''}": x for i, x in enumerate(call.inputs)}
    lines += [f"{key} = {_value(x)}" for key, x in inputs.items()]
    applied = f"layer({', '.join(inputs)})"
    if call.cotangent is not None:
        leaves = [f"layer.{key}.grad" for key in call.parameters]
        leaves += [f"{key}.grad" for key, x in inputs.items() if x.requires_grad]
        lines += [f"{applied}.backward({_value(call.cotangent)})", ", ".join(leaves)]
    else:
        lines.append(applied if inputs else "dict(layer.named_parameters())")
    return "; ".join(lines)


def _value(value: Any) -> str:
    codec = codecs.of(value)
    if codec:
        return codec.source(value)
    if isinstance(value, Made):
        named = [f"{key}={_value(v)}" for key, v in value.kwargs.items()]
        return f"nn.{value.kind}({', '.join([*map(_value, value.args), *named])})"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_value, value))}{',' * (len(value) == 1)})"
    return repr(value)


def sentence(
    example: Counterexample,
    names: list[str],
    mine: list[Facts],
    wanted: list[Facts],
    first: Facts | None,
) -> str:
    """Return where an answer and what is expected differ first."""
    found, expected = example.found, example.expected
    if found.wrong is None:
        place = _first_changed(untouched(found.case.call), found.reply.inputs)
        if place is not None:
            form = _form(found.reply.inputs[place], untouched(found.case.call)[place], ())
            return f"The call changes {names[place]}. {form}".strip()
        return "The result lies in the memory of an argument; a new one is expected."
    if found.reply.failed:
        instead = known_error(expected.errors) if expected.failed else "a result"
        return f"The call raises {known_error(found.reply.errors)}, and {instead} is expected."
    if expected.failed:
        return f"The call raises nothing, and {known_error(expected.errors)} is expected."
    small, kind = example.problem.small, ("shape", "dtype", "axes", "length", "expected")
    form = _form(found.reply.value, expected.value, small.names if small else ())
    if form and found.wrong != SINGLE and any(word in found.wrong for word in kind):
        return form
    if first is not None:
        return f"{_place(first, mine)} {_at(mine, first)}, and {_at(wanted, first)} is expected."
    return f"{found.wrong[0].upper()}{found.wrong[1:]}."


def _form(mine: Any, expected: Any, names: tuple[str, ...]) -> str:
    """Say which shape or dtype came, where that is what is wrong."""
    theirs, ours = _named(mine, names), _named(expected, names)
    for name, wanted in ours.items():
        came: Any = theirs.get(name)
        if not (tensors.holds(came) and tensors.holds(wanted)):
            continue
        what = f" of {name}" * bool(name)
        if came.shape != wanted.shape:
            return f"The shape{what} is {tuple(came.shape)}, and {tuple(wanted.shape)} is expected."
        kinds = [str(t.dtype).removeprefix("torch.") for t in (came, wanted)]
        if kinds[0] != kinds[1]:
            return f"The dtype{what} is {kinds[0]}, and {kinds[1]} is expected."
    return ""


def _first_changed(before: tuple[Any, ...], after: tuple[Any, ...]) -> int | None:
    pairs = enumerate(zip(before, after, strict=False))
    return next((place for place, (one, other) in pairs if not identical(one, other)), None)


def _first_wrong(mine: list[Facts], wanted: list[Facts]) -> Facts | None:
    """Return the first element that is written otherwise, where the forms are the same."""
    for place, (one, other) in enumerate(zip(mine, wanted, strict=False)):
        if ("rows" in one) != ("rows" in other):
            return None
        if "rows" not in one:
            if one.get("text") != other.get("text"):
                return {"part": place, "row": None, "column": None}
            continue
        if [len(r) for r in one["rows"]] != [len(r) for r in other["rows"]]:
            return None
        for i, (a, b) in enumerate(zip(one["rows"], other["rows"], strict=True)):
            for j, (x, y) in enumerate(zip(a, b, strict=True)):
                if not _alike(x, y):
                    return {"part": place, "row": i, "column": j}
    return None


def _alike(one: str, other: str) -> bool:
    try:
        return math.isclose(float(one), float(other), rel_tol=2e-3, abs_tol=1e-5)
    except ValueError:
        return one == other


def _at(some: list[Facts], first: Facts) -> str:
    part = some[first["part"]]
    row, column = first["row"], first["column"]
    return str(part["text"] if row is None else part["rows"][row][column])


def _place(first: Facts, mine: list[Facts]) -> str:
    part = mine[first["part"]]
    rows, label = part.get("rows", []), part["label"]
    single = first["row"] is None or sum(map(len, rows)) == 1
    place = [f"slice {label}" if label.startswith("[") else label] * bool(label)
    place += [] if single else [f"row {first['row']}, column {first['column']}"]
    return f"In {', '.join(place)}, yours is" if place else "Yours is"
