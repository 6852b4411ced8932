"""Pictures in a cell's Markdown, in one form: attachments named by their content. Pure.

They come as a notebook's attachments, as addresses that hold the data (``data:image/png;base64,…``,
in a link, a definition or a tag), or as references to attachments in tags. Afterwards the text has
``![alt](attachment:picture-….png)`` for each, and as many letters as somebody has typed.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from nbexaminer.notebooks.pictures import GIF, JPEG, PNG, decoded, fault, kind, size

MAX_PICTURES, MAX_TOTAL, MAX_PIXELS = 100, 20_000_000, 100_000_000  # of a notebook, in all
MAX_NAMES = 200  # of a cell's attachments that are looked for in its text
SUFFIXES = {PNG: "png", JPEG: "jpg", GIF: "gif", "": "bin"}
NAME = r"picture-[0-9a-f]{16}\.(?:png|jpg|gif|bin)"
_ADDRESS = r"data:image/[\w.+-]{1,40}(?:;[\w=.-]{1,40}){0,3};base64,"
DATA = re.compile(rf"{_ADDRESS}([A-Za-z0-9+/=%]*)", re.IGNORECASE)
QUOTED_DATA = re.compile(rf"(?<=[\"']){_ADDRESS}([A-Za-z0-9+/=%\s]*)(?=[\"'])", re.IGNORECASE)
TAG = re.compile(rf"<img\b[^<>]*?\bsrc\s*=\s*[\"']?attachment:({NAME})[^<>]*>", re.IGNORECASE)
DEFINITION = re.compile(rf"^ {{0,3}}\[([^\[\]\n]{{1,80}})\]:[ \t]*<?attachment:({NAME})>?.*$", re.M)
USE = re.compile(r"!\[([^\[\]\n]{0,300})\](?:\[([^\[\]\n]{0,80})\])?(?![(\[])")
_ALT = r"(?:[^\[\]\\]|\\.|\[[^\[\]]{0,80}\]){0,300}"  # with brackets in it, escaped or in pairs
LINK = re.compile(rf"!\[({_ALT})\]\(\s*<?attachment:({NAME})>?[^()\n]{{0,200}}\)")
ELSEWHERE = re.compile(
    rf"!\[{_ALT}\]\(\s*<?(?!attachment:picture-)([^()<>\s]{{1,300}})"
    r"|<img\b[^<>]*?\bsrc\s*=\s*[\"']?(?!attachment:picture-)([^\"'<>\s]{1,300})",
    re.IGNORECASE,
)
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"  # Colab's own, in each notebook
URI_SIGNS = "!#$&'()*+,/:;=?@-_.~"  # that JavaScript's encodeURI leaves as they are
UNSAFE = re.compile(r"[^\w ,.:;=+-]")
Pictures = Mapping[str, bytes]


def embedded(source: str, attachments: Any) -> tuple[str, dict[str, bytes]]:
    """Return a cell's text with every picture as a link to an attachment, and the pictures.

    Parameters
    ----------
    source : str
    attachments : mapping of name to mapping of media type to base64
        As it stands in a notebook of somebody else's: it may be anything.

    Examples
    --------
    >>> text, found = embedded("see ![it](data:image/gif;base64,R0lGODlh)", {})
    >>> text
    'see ![it](attachment:picture-610f5ae4d76e3326.gif)'
    >>> list(found.values())
    [b'GIF89a']
    """
    found: dict[str, bytes] = {}

    def named(data: bytes) -> str:
        name = f"picture-{sha256(data).hexdigest()[:16]}.{SUFFIXES[kind(data)]}"
        found[name] = data
        return f"attachment:{name}"

    if "attachment:" in source and (files := dict(_attached(attachments))):
        whole = {way: data for name, data in files.items() for way in _spellings(name)}
        bare = {_bare(name): data for name, data in files.items()}
        names = "".join(f"{re.escape(way)}|" for way in sorted(whole, key=len, reverse=True))
        link = re.compile(rf"attachment:({names}[^\s()<>\"']+)(?=[\s)>\"']|$)")

        def linked(match: re.Match[str]) -> str:
            data = whole.get(match[1], bare.get(_bare(match[1])))
            return match[0] if data is None else named(data)

        source = link.sub(linked, source)
    for form in (QUOTED_DATA, DATA):
        source = form.sub(lambda match: named(decoded(unquote(match[1]))), source)
    return (_as_links(source, found) if found else source), found


def _spellings(name: str) -> set[str]:
    """Return how a name stands in an address where signs in it could end one."""
    ways = {name, quote(name), quote(name, safe=URI_SIGNS)}
    return {way for way in ways if re.search(r"[\s()<>\"']", way)}


def _bare(name: str) -> str:
    """Return a file's name without codes, and with letters that are one sign each."""
    return unicodedata.normalize("NFC", unquote(name))


def _attached(attachments: Any) -> Iterator[tuple[str, bytes]]:
    """Yield the names and the data of a cell's attachments, as far as they are any."""
    attachments = attachments if isinstance(attachments, dict) else {}
    for name in list(attachments)[:MAX_NAMES]:
        bundle = attachments[name]
        texts = (bundle if isinstance(bundle, dict) else {}).values()
        found = [_content(joined(text)) for text in texts]
        if name and found:
            yield name, next(filter(kind, found), found[0])


def _content(text: str) -> bytes:
    """Return the bytes of an attachment: a notebook holds SVG as it is, and others as base64."""
    return text.encode() if text.lstrip().startswith("<") else decoded(text)


def joined(text: Any) -> str:
    """Return a notebook's text, which may be a list of parts."""
    parts = text if isinstance(text, list) else [text]
    return "".join(part for part in parts if isinstance(part, str))


def _as_links(source: str, names: Iterable[str]) -> str:
    """Return Markdown in which tags and references to pictures are plain links to them.

    A picture that is there in another form is linked at the end, so that none is lost.
    """
    source = TAG.sub(lambda found: f"![{_alt_of(found[0])}](attachment:{found[1]})", source)
    known = {found[1].casefold(): found[2] for found in DEFINITION.finditer(source)}
    if known:
        source = DEFINITION.sub("", source)
        source = USE.sub(lambda found: _used(found, known), source)
    source = LINK.sub(lambda found: f"![{plain(found[1])}](attachment:{found[2]})", source)
    linked = {found[2] for found in LINK.finditer(source)}
    rest = (f"![](attachment:{name})" for name in names if name not in linked)
    return "\n\n".join([source, *rest])


def _used(found: re.Match[str], known: Mapping[str, str]) -> str:
    name = known.get((found[2] or found[1]).casefold())
    return f"![{found[1]}](attachment:{name})" if name else found[0]


def _alt_of(tag: str) -> str:
    found = re.search(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag, re.IGNORECASE)
    return plain((found[1] or found[2] or "")[:300]) if found else ""


def plain(alt: str) -> str:
    """Return the words for a picture without what means something in Markdown or HTML."""
    return " ".join(UNSAFE.sub(" ", alt).split())


@dataclass
class Album:
    """The pictures of one notebook that are kept: at most so many, so large, in all."""

    kept: dict[str, bytes] = field(default_factory=dict)
    pixels: int = 0

    def sorted_out(
        self, source: str, pictures: Pictures
    ) -> tuple[str, dict[str, dict[str, str]], list[str]]:
        """Return a text, its attachments as a notebook has them, and why pictures are left out.

        Where one is left out, the text says so.
        """
        attachments: dict[str, dict[str, str]] = {}
        reasons: list[str] = []

        def judged(found: re.Match[str]) -> str:
            data = pictures.get(found[2], b"")
            reason = self._refused(found[2], data)
            if reason:
                reasons.append(f"a picture {reason}")
                return f"[a picture is left out: it {reason}]"
            attachments[found[2]] = attachment(data)
            return found[0]

        text = LINK.sub(judged, source)
        for address in dict.fromkeys(found[1] or found[2] for found in ELSEWHERE.finditer(text)):
            if address == BADGE:
                continue
            reasons.append(f"the picture {UNSAFE.sub('·', address)[:60]} is not in the notebook")
        return text, attachments, reasons

    def _refused(self, name: str, data: bytes) -> str:
        """Return why a picture is not kept, or nothing; it counts from then on."""
        if name in self.kept:
            return ""
        reason = fault(data) if data else "is damaged"
        if not reason:
            width, height = size(data)
            total = sum(map(len, self.kept.values())) + len(data)
            if len(self.kept) >= MAX_PICTURES:
                reason = f"is one of more than {MAX_PICTURES}"
            elif total > MAX_TOTAL or self.pixels + width * height > MAX_PIXELS:
                reason = (
                    f"is too much: all of a notebook may have {MAX_TOTAL // 1_000_000} MB and "
                    f"{MAX_PIXELS // 1_000_000} million pixels"
                )
            else:
                self.kept[name], self.pixels = data, self.pixels + width * height
        return reason


def showable(attachments: Any) -> dict[str, bytes]:
    """Return those attachments that a page may show."""
    return {name: data for name, data in _attached(attachments) if data and not fault(data)}


def attachment(picture: bytes) -> dict[str, str]:
    """Return a picture as a notebook has it: base64 by its media type."""
    return {kind(picture): base64.b64encode(picture).decode()}


def address(picture: bytes) -> str:
    """Return an address that holds a picture."""
    ((media, text),) = attachment(picture).items()
    return f"data:{media};base64,{text}"
