"""What a student's cell put out, made anew on the trusted side: text and pictures, up to a size.

A student's process can claim any outputs. Nobody gets more of them than what a page can show
without running it: other media, metadata and fields are dropped, and so is what is too much.
"""

from __future__ import annotations

from typing import Any

from nbexaminer.notebooks import pictures

MAX_TEXT = 100_000
MAX_RICH = 500_000  # of displays; all of a cell's outputs must fit into one message of the border
MAX_OUTPUTS = 200
MAX_LINES, MAX_LINE = 30, 2000  # of a traceback
MAX_NOTEBOOK = 16 << 20  # characters of all outputs of a notebook
KINDS = ("text/plain", "image/png", "image/jpeg")  # what no page can run as code
CUT = "\n… output cut here\n"
Output = dict[str, Any]


def made_anew(claimed: Any, room: int = MAX_NOTEBOOK) -> tuple[list[Output], int]:
    """Return the outputs that were claimed, as nbformat has them, and the room that is left.

    Parameters
    ----------
    claimed
        What came across the border.
    room : int
        Characters that the rest of the notebook may still put out.

    Raises
    ------
    ValueError
        If it is no list of outputs.

    Examples
    --------
    >>> made_anew([{"output_type": "stream", "name": "stdout", "text": "x", "more": 1}], 10)
    ([{'output_type': 'stream', 'name': 'stdout', 'text': 'x'}], 9)
    """
    if not isinstance(claimed, list):
        raise ValueError("outputs that are no list")
    left = min(room, MAX_TEXT + MAX_RICH)
    before, made = left, list[Output]()
    for output in claimed:
        new, size = _anew(output)
        if size > left or len(made) >= MAX_OUTPUTS:
            made.append({"output_type": "stream", "name": "stdout", "text": CUT})
            break
        made.append(new)
        left -= size
    return made, room - (before - left)


def well_formed(text: str) -> str:
    """Return text that any file can hold: without lone surrogates and null characters."""
    return (
        text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )


def _anew(output: Any) -> tuple[Output, int]:
    """Return one output, rebuilt, and its size; raise `ValueError` if it is none."""
    if not isinstance(output, dict):
        raise ValueError("an output that is no dict")
    kind = output.get("output_type")
    if kind == "stream" and output.get("name") in ("stdout", "stderr"):
        text = _text(output.get("text"), MAX_TEXT)
        return {"output_type": kind, "name": output["name"], "text": text}, len(text)
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        return _display(str(kind), output["data"])
    if kind == "error" and isinstance(output.get("traceback"), list):
        return _failure(output)
    raise ValueError("an output of no known kind")


def _display(kind: str, claimed: dict[Any, Any]) -> tuple[Output, int]:
    data = {mime: _text(claimed[mime], MAX_RICH) for mime in KINDS if mime in claimed}
    why = {mime: _left_out(text) for mime, text in data.items() if mime != "text/plain"}
    data = {m: d for m, d in data.items() if not why.get(m)}
    if refused := "".join(f"\n(a picture is left out: it {w})" for w in why.values() if w):
        data["text/plain"] = (data.get("text/plain", "") + refused).strip()
    output: Output = {"output_type": kind, "data": data, "metadata": {}}
    if kind == "execute_result":
        output["execution_count"] = None
    return output, sum(map(len, data.values()))


def _left_out(picture: str) -> str:
    """Return why a picture, in base64, is left out; nothing if it is not."""
    if picture.endswith(CUT):
        return f"has more than {MAX_RICH // 1000} kB in base64"
    return pictures.fault(pictures.decoded(picture))


def _failure(claimed: dict[Any, Any]) -> tuple[Output, int]:
    lines = [_text(line, MAX_LINE) for line in claimed["traceback"][-MAX_LINES:]]
    words = {name: _text(claimed.get(name), MAX_LINE) for name in ("ename", "evalue")}
    size = sum(map(len, (*lines, *words.values())))
    return {"output_type": "error", **words, "traceback": lines}, size


def _text(claimed: Any, limit: int) -> str:
    if type(claimed) is not str:
        raise ValueError("an output with something else where text belongs")
    return well_formed(claimed if len(claimed) <= limit else claimed[:limit] + CUT)
