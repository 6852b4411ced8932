"""Whether a page may show a picture: pure. Its kind and size in pixels, from the file's head alone.

A picture of a few kilobytes can unfold to gigabytes in a browser. Nothing is decoded here: Pillow
copies the metadata of a hostile file again and again, and a decoder is one more thing to attack.
"""

from __future__ import annotations

import base64
import binascii
import struct

MAX_BYTES = 10_000_000
MAX_PIXELS = 25_000_000
MAX_SIDE = 16_384  # pixels; some browsers draw no longer side
MAX_PAGE = 100_000_000  # pixels of all pictures of a page
MAX_PARTS = 1000  # of a file before its size is known
PNG, JPEG, GIF = "image/png", "image/jpeg", "image/gif"
STARTS = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG, b"GIF87a": GIF, b"GIF89a": GIF}
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of JPEG that name a size
BARE = frozenset(range(0xD0, 0xD9)) | {0x01}  # markers of JPEG without a length


def fault(data: bytes) -> str:
    """Return why a page must not show a picture, as the end of a sentence; nothing if it may.

    Parameters
    ----------
    data : bytes
        The whole file.

    Examples
    --------
    >>> fault(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    'is no PNG, JPEG or GIF'
    """
    if len(data) > MAX_BYTES:
        return f"has {len(data) / 1e6:.1f} MB, more than {MAX_BYTES / 1e6:g}"
    if not kind(data):
        return "is no PNG, JPEG or GIF"
    try:
        width, height = size(data)
    except ValueError as error:
        return f"is damaged: {error}"
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        return (
            f"has {width} × {height} pixels; at most {MAX_PIXELS // 1_000_000} million are shown, "
            f"and {MAX_SIDE} on a side"
        )
    return ""


def decoded(text: str) -> bytes:
    """Return the bytes of a picture that a notebook holds as base64; none, if that is broken.

    Signs that only fill up its end may be missing, as in a browser.
    """
    bare = "".join(text.split())
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


class PictureBudget:
    """What the pictures of one page may still have of its pixels."""

    def __init__(self) -> None:
        self.left = MAX_PAGE

    def fault(self, data: bytes) -> str:
        """Return why the page must not show one more picture, as `fault` does; else count it."""
        if why := fault(data):
            return why
        width, height = size(data)
        if width * height > self.left:
            return f"is one too many: a page shows {MAX_PAGE // 1_000_000} million pixels in all"
        self.left -= width * height
        return ""


def kind(data: bytes) -> str:
    """Return the media type of a picture by its first bytes, as browsers do; nothing if unknown.

    Examples
    --------
    >>> kind(b"GIF89a...")
    'image/gif'
    """
    return next((its for start, its in STARTS.items() if data.startswith(start)), "")


def size(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, JPEG or GIF, in pixels.

    Raises
    ------
    ValueError
        If the file is another one, or ends before it says so.
    """
    read = {PNG: _size_of_png, JPEG: _size_of_jpeg, GIF: _size_of_gif}.get(kind(data))
    if read is None:
        raise ValueError("no PNG, JPEG or GIF")
    try:
        width, height = read(data)
    except (struct.error, IndexError) as error:
        raise ValueError("it ends before its size") from error
    if not width or not height:
        raise ValueError("a side of 0 pixels")
    return width, height


def _size_of_png(data: bytes) -> tuple[int, int]:
    """Return what the first chunk says; no decoder goes on where it is another one."""
    if data[12:16] != b"IHDR":
        raise ValueError("its first chunk is not IHDR")
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _size_of_jpeg(data: bytes) -> tuple[int, int]:
    """Return what the first frame says; sizes of thumbnails stand in segments that are passed."""
    place = 2
    for _ in range(MAX_PARTS):
        place = data.index(b"\xff", place)
        while data[place] == 0xFF:
            place += 1
        marker, place = data[place], place + 1
        if marker in FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 3)
            return width, height
        if marker and marker not in BARE:
            place += struct.unpack_from(">H", data, place)[0]
    raise ValueError(f"no size in its first {MAX_PARTS} segments")


def _size_of_gif(data: bytes) -> tuple[int, int]:
    """Return the size of the screen, or of the first frame where it goes beyond that."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = 13 + _colors(flags)
    for _ in range(MAX_PARTS):
        if data[place] == 0x2C:
            left, top, wide, high = struct.unpack_from("<HHHH", data, place + 1)
            return max(width, left + wide), max(height, top + high)
        if data[place] != 0x21:
            raise ValueError("neither a frame nor an extension where one belongs")
        place += 2
        while length := data[place]:
            place += 1 + length
        place += 1
    raise ValueError(f"no frame in its first {MAX_PARTS} parts")


def _colors(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
