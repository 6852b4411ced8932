"""What goes to a student's process as one message, and what came back as replies and exceptions.

Pure: nothing here waits for a process, or ends one.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from nbexaminer.execution import protocol
from nbexaminer.model import CellStatus
from nbexaminer.problems.calls import Call, ModuleCall, Reply
from nbexaminer.values import codecs, frames

MAX_KEY = 100  # characters of a key that are read as Python: more of them could nest too deeply
ERRORS = {
    CellStatus.TIMEOUT: "TimeoutError",
    CellStatus.MEMORY: "MemoryError",
    CellStatus.CRASHED: "ChildProcessError",
}
MESSAGES = {
    CellStatus.TIMEOUT: "it took too long and was stopped",
    CellStatus.MEMORY: "it ran out of memory",
    CellStatus.CRASHED: "its process ended without an answer",
}


class StudentError(Exception):
    """What the student's function raised, where Python has no exception of that name."""


def _key_of(message: str) -> Any:
    """Return the key that a `KeyError` is about: its message is the key's representation."""
    try:
        return ast.literal_eval(message) if len(message) <= MAX_KEY else message
    except Exception:
        return message


def as_exception(reply: Reply) -> Exception:
    """Return Python's own exception of the name that came, or a `StudentError`."""
    for name in reply.errors:
        kind = getattr(builtins, name, None)
        if kind is StopIteration:  # which would end a `map` of the test's, and with it an `all`
            return RuntimeError(f"StopIteration: {reply.message}")
        if isinstance(kind, type) and issubclass(kind, Exception):
            if issubclass(kind, NameError):  # a page tells names that a test itself does not find
                return kind(f"{reply.message} (raised by the answer)")
            with contextlib.suppress(TypeError):  # some take more than a message: the next in line
                return kind(_key_of(reply.message) if kind is KeyError else reply.message)
    return StudentError(reply.message)


def bring_back(arguments: Sequence[Any], after: Sequence[Any]) -> None:
    """Let changes that a call made to its arguments be seen here too."""
    if len(arguments) != len(after):
        return
    for argument, changed in zip(arguments, after, strict=True):
        codec = frames if frames.holds(argument) else codecs.of(argument)
        if codec:
            codec.bring_back(argument, changed)
        elif isinstance(argument, list) and isinstance(changed, list):
            argument[:] = changed
        elif isinstance(argument, dict | set) and type(changed) is type(argument):
            argument.clear()
            argument.update(changed)


def is_changeable(argument: Any) -> bool:
    """Return whether a call could change an argument: a list, an array, a table and the like."""
    held = frames.holds(argument) or codecs.of(argument) is not None
    return held or isinstance(argument, list | dict | set)


def kept_aside(argument: Any) -> Any:
    """Return a copy of a changeable argument."""
    codec = codecs.of(argument)
    return codec.copied(argument) if codec else argument.copy()


def encoded(request: Mapping[str, Any]) -> bytes:
    """Return a request as a message.

    Raises
    ------
    TypeError
        If it holds an argument of the test's that cannot cross.
    """
    try:
        return protocol.encode(request)
    except protocol.ProtocolError as error:
        raise TypeError(f"an argument of this test cannot cross: {error}") from error


def as_many(request: Mapping[str, Any], calls: Sequence[Call | ModuleCall]) -> tuple[bytes, int]:
    """Return a message with as many of the calls as fit into one, and how many they are."""
    try:
        return protocol.encode({**request, "calls": list(calls)}), len(calls)
    except protocol.ProtocolError:
        if len(calls) > 1:
            return as_many(request, calls[: len(calls) // 2])
    return encoded({**request, "calls": list(calls)}), 1


def reply_of(answer: Any) -> Reply:
    """Return what came back as a reply; whatever else it is, an error."""
    if isinstance(answer, Reply):
        return answer
    return Reply(errors=("TypeError", "Exception"), message="the result cannot cross")


def ended(how: CellStatus) -> Reply:
    """Return the reply of a process that ended instead of answering."""
    return Reply(errors=(ERRORS[how], "Exception"), message=MESSAGES[how])
