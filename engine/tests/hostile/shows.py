"""Outputs that no page, no file and no gradebook can hold, and inputs that a later cell shows."""

from __future__ import annotations

import copy
from typing import Any

from hostile import Hostile, Notebook
from hostile.protocol import SPEAK

WRONG = "\ndef add(a, b):\n    return 0\n"
SEEN = "canary-test-input"  # before what an answer was given
KEEP = """
import os, mmap, signal
shared = mmap.mmap(-1, 4096)
reader, writer = os.pipe()
os.set_blocking(reader, False)
def add(a, b):
    text = f'canary-{"test"}-input {a} {b}\\n'
    open('/tmp/seen', 'a').write(text)
    open('/dev/shm/seen', 'a').write(text)
    shared.write(text.encode())
    os.write(writer, text.encode())
    return 0
"""
SHOW = """
import os
for path in ('/tmp/seen', '/dev/shm/seen'):
    if os.path.exists(path): print(open(path).read())
print(bytes(shared[:200]).strip(b'\\0'))
try: print(os.read(reader, 1000))
except OSError as e: print(e)
"""


def later_cell(book: Notebook) -> None:
    """Append a cell that shows what the answers have seen."""
    spare = copy.deepcopy(next(c for c in book["cells"] if c["id"] == "add"))
    book["cells"].append(spare | {"id": "later", "metadata": {}, "source": SHOW})


def said(*outputs: Any) -> str:
    """Say in a cell that it put out these, in the border's own form."""
    tree = {"dict": [["outputs", {"list": list(outputs)}]]}
    return SPEAK + f"say(frame({tree!r}))" + WRONG


def output(**fields: Any) -> dict[str, Any]:
    return {"dict": [[name, value] for name, value in fields.items()]}


NOTHING: dict[str, Any] = {"dict": []}
PAGE = output(**{"text/html": "<script>alert(1)</script>", "image/svg+xml": "<svg onload=x()>"})
PICTURE = output(**{"image/png": '"><script>alert(1)</script>'})
SUBMISSIONS = [
    Hostile("inputs kept for a later cell", KEEP, edit=later_cell),
    Hostile("a lone surrogate", said(output(output_type="stream", name="stdout", text="\ud800"))),
    Hostile("fields that no notebook has", said(output(
        output_type="stream", name="stdout", text="x", more={"bytes": "00"}, again={"float": "nan"}))),
    Hostile("media types that are numbers", said(output(
        output_type="display_data", data={"dict": [[5, "x"]]}, metadata=NOTHING))),
    Hostile("metadata that no file can hold", said(output(
        output_type="display_data", data=output(**{"text/plain": "x"}),
        metadata={"dict": [["a", {"set": [1]}]]}))),
    Hostile("a web page in place of a picture", said(output(
        output_type="display_data", data=PAGE, metadata=NOTHING))),
    Hostile("a picture that ends its own tag", said(output(
        output_type="display_data", data=PICTURE, metadata=NOTHING))),
    Hostile("outputs by the thousand", said(*[output(
        output_type="stream", name=("stdout", "stderr")[n % 2], text="x") for n in range(5000)])),
    Hostile("an output of four megabytes", SPEAK
            + "text = {'dict': [['output_type', 'stream'], ['name', 'stdout'], "
            "['text', 'x' * 4_000_000]]}\nsay(frame({'dict': [['outputs', {'list': [text]}]]}))" + WRONG),
    Hostile("an execution count that is text", said(output(
        output_type="execute_result", data=output(**{"text/plain": "3.0"}), metadata=NOTHING,
        execution_count="<b>"))),
]  # fmt: skip
