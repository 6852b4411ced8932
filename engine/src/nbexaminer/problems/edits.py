"""A mistake as an edit: the source of a right answer with a few words replaced.

What an edit makes stands alone as its answer does, and `inspect.getsource` finds its source.
"""

from __future__ import annotations
import __future__

import difflib
import inspect
import linecache
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Edit:
    """An edited answer that has no name yet: the misconception that it shows gives it one."""

    answer: Answer
    source: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call what the edit makes."""
        return self.named("edited")(*args, **kwargs)

    def named(self, words: str) -> Answer:
        """Return the function or class, under the answer's name and `words`."""
        old = self.answer.__name__
        name = f"{old}_{re.sub(r'[^0-9A-Za-z]+', '_', words.replace('+1', 'plus 1')).strip('_')}"
        source = re.sub(rf"\b{re.escape(old)}\b", name, self.source)
        home = f"{self.answer.__module__}.{name}"
        module = ModuleType(home)
        module.__dict__.update(vars(sys.modules[self.answer.__module__]) | {"__name__": home})
        module.__file__ = file = f"<edit {home}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        exec(compile(source, file, "exec", __future__.annotations.compiler_flag), module.__dict__)
        sys.modules[home] = module  # where `inspect` looks for the source of a class
        made: Answer = getattr(module, name)
        return made


def edit(answer: Answer, changes: Mapping[str, str], *, name: str = "") -> Answer:
    """Return `answer` with each old text of its source replaced by the new one.

    Parameters
    ----------
    answer : callable
        A function or class that stands alone.
    changes : mapping of str to str
        Old text to new; each old text occurs exactly once in the answer, and none in another.
    name : str, optional
        The words that the result is named by after the answer; a `Misconception` gives its own.

    Returns
    -------
    callable
        The edited function or class; without a name, an `Edit`.

    Raises
    ------
    ValueError
        If an old text does not occur exactly once, two overlap, or one is its own new text.

    Examples
    --------
    >>> from calendar import isleap
    >>> julian = edit(isleap, {"and (year % 100 != 0 or year % 400 == 0)": ""}, name="julian")
    >>> isleap(1900), julian(1900), julian.__name__
    (False, True, 'isleap_julian')
    """
    source = _source(answer)
    spans = sorted((_only(answer, source, old, new), old, new) for old, new in changes.items())
    pieces, done = [], 0
    for start, old, new in spans:
        if start < done:
            raise ValueError(f"{answer.__name__}: {old!r} overlaps the text replaced before it")
        pieces += [source[done:start], new]
        done = start + len(old)
    edited = Edit(answer, "".join([*pieces, source[done:]]))
    return edited.named(name) if name else edited


@cache
def _source(answer: Answer) -> str:
    return textwrap.dedent(inspect.getsource(answer))


def _only(answer: Answer, source: str, old: str, new: str) -> int:
    """Return where the only occurrence of `old` begins."""
    if old == new:
        raise ValueError(f"{answer.__name__}: {old!r} is replaced by itself")
    count = source.count(old)
    if count == 1:
        return source.index(old)
    lines = {f"line {i}: {line.strip()}": line for i, line in enumerate(source.splitlines(), 1)}
    near = [label for label, line in lines.items() if count and old in line]
    near = near or sorted(lines, key=lambda label: -_likeness(old, lines[label]))[:3]
    found = f"{answer.__name__}: {old!r} occurs {count} times, not once"
    raise ValueError("\n  ".join([found, *near]))


def _likeness(old: str, line: str) -> float:
    """Return which part of `old` the line has, in order."""
    blocks = difflib.SequenceMatcher(None, line, old, autojunk=False).get_matching_blocks()
    return sum(block.size**2 for block in blocks) / max(1, len(old)) ** 2
