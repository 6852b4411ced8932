"""Text that others wrote, made printable: on a terminal, in a log, in a table, on a page."""

from __future__ import annotations

import unicodedata
from typing import Any, TextIO

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MAX_SENTENCE = 2000


def printable(text: str, *, keep: str = "", unseen: frozenset[str] = UNSEEN) -> str:
    r"""Return text that can be printed anywhere: unseen characters and lone surrogates escaped.

    Right-to-left marks, line breaks and escape sequences of terminals are unseen characters.

    Parameters
    ----------
    text : str
    keep : str
        Characters that stay.
    unseen : frozenset of str
        The categories of Unicode whose characters are escaped.

    Examples
    --------
    >>> printable("Zoë\u202e\n")
    'Zoë\\u202e\\n'
    """
    return "".join(
        c.encode("unicode_escape").decode("ascii")
        if unicodedata.category(c) in unseen and c not in keep
        else c
        for c in text
    )


def shown(text: str, limit: int = 80) -> str:
    """Return printable text that is not too long."""
    out = printable(text[: limit + 1])
    return out if len(out) <= limit else out[:limit] + "…"


class PrintableStream:
    """A text stream that lets through only what is printable, and line breaks.

    Parameters
    ----------
    under : TextIO
        The stream that everything else is left to.
    """

    def __init__(self, under: TextIO) -> None:
        self._under = under

    def write(self, text: str) -> int:
        """Write text; what the encoding of the stream lacks is escaped, too."""
        encoding = self._under.encoding or "utf-8"
        plain = printable(text, keep="\n\r\t")
        self._under.write(plain.encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._under, name)
