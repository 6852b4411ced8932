"""What the names of files and folders say: whose a file is, and which notebook. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

Parts = tuple[str, ...]


@dataclass(frozen=True)
class ParsedFilename:
    """What a path says.

    Parameters
    ----------
    scheme : str
    number : str
        The person's number in the system, or for folders and the exchange the student's id.
    name : str
        The person's name, as the scheme spells it.
    file : str
        The student's own file name.
    order : int
        Larger for what was handed in later, where the scheme tells.
    late : bool
        Whether the system marked it as late.
    time : datetime or None
        When it was handed in, in UTC, where the scheme tells.
    assignment : str
        The assignment, where the scheme tells.
    rivals : tuple of str
        Other numbers that the name can be read to have, where its parts are not clear.
    """

    scheme: str
    number: str
    name: str
    file: str
    order: int = 0
    late: bool = False
    time: datetime | None = None
    assignment: str = ""
    rivals: tuple[str, ...] = ()


NOTEBOOK = re.compile(
    r"(?P<stem>.+)\.ipynb(?:\s?\(\d{1,3}\))?(?:\.(?:txt|json))?", re.I | re.DOTALL
)
AGAIN = re.compile(r"(?:[-_]\d{1,2}|\s?\(\d{1,3}\))$")
WORD = "(?:copy|kopie|copie|copia|cópia|kopia|копия|副本)"
COPY = re.compile(
    rf"(?:-copy\d*| -? ?{WORD}(?: \(?\d{{1,3}}\)?)?|[-_ ]v\d{{1,2}})$"
    rf"|^{WORD}(?:[ _](?:of|von|de|di|van|av))?[ _]",
    re.I,
)


def folder(parts: Parts) -> ParsedFilename:
    """Read the path of a file in a plain folder.

    ``<student>/<assignment>/<file>``, ``<student>/<file>`` or ``<student>.ipynb``.

    Examples
    --------
    >>> folder(("ada", "sums", "sums.ipynb")).assignment
    'sums'
    >>> folder(("ada.ipynb",)).number
    'ada'
    """
    if len(parts) == 1:
        stem = stem_of(parts[0]) or parts[0].rsplit(".", 1)[0]
        return ParsedFilename("folder", stem, stem, parts[0])
    assignment = parts[1] if len(parts) > 2 else ""
    return ParsedFilename("folder", parts[0], parts[0], "/".join(parts[1:]), assignment=assignment)


def stem_of(file: str) -> str:
    """Return a notebook's name without its suffix; nothing, if the file is no notebook by its name.

    Browsers and systems put ``.txt`` or ``.json`` behind what they take for text.

    Examples
    --------
    >>> stem_of("sums.IPYNB"), stem_of("sums.ipynb.txt"), stem_of("sums.py")
    ('sums', 'sums', '')
    """
    found = NOTEBOOK.fullmatch(file)
    return found["stem"] if found else ""


def spellings(stem: str) -> Iterator[tuple[str, bool]]:
    """Yield a notebook's name without the marks of copies, one less each time, and if one was told.

    Numbers that systems and browsers put behind a second upload (``-1``, ``(1)``) are not told;
    names of copies that people made are (``-Copy1``, ``- Copy (2)``, ``Copy of``, ``_v2``).

    Examples
    --------
    >>> list(spellings("sums-Copy1 (2)"))
    [('sums-copy1 (2)', False), ('sums-copy1', False), ('sums', True)]
    """
    name, told = unicodedata.normalize("NFC", stem).casefold().strip(), False
    while name:
        yield name, told
        shorter = AGAIN.sub("", name)
        if shorter == name:
            shorter = COPY.sub("", name)
            told = True
        if shorter == name:
            return
        name = shorter.strip()


def notebook_of(label: ParsedFilename, names: Iterable[str]) -> tuple[str, bool]:
    """Return which of an assignment's notebooks a file is, and whether its name was another.

    A name counts as a whole: `spellings` says what does not belong to it. Of an assignment with one
    notebook, a file of any other name is that one. The name is empty if it cannot be told.

    Examples
    --------
    >>> notebook_of(folder(("ada", "Sums (1).ipynb")), ["sums"])
    ('sums', False)
    >>> notebook_of(folder(("ada", "my answers.ipynb")), ["sums"])
    ('sums', True)
    >>> notebook_of(folder(("ada", "sums_2-Copy1.ipynb")), ["sums", "sums_2"])
    ('sums_2', True)
    """
    known = {unicodedata.normalize("NFC", name).casefold(): name for name in names}
    file = label.file.rsplit("/", 1)[-1]
    odd = not file.casefold().endswith(".ipynb")
    for spelling, told in spellings(stem_of(file)):
        if spelling in known:
            return known[spelling], told or odd
    return (next(iter(known.values())), True) if len(known) == 1 else ("", True)
