"""Which pictures a page may show: sizes against Pillow's, bombs refused."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nbexaminer.notebooks import pictures

FORMS = {
    "png": {"format": "PNG"},
    "jpeg": {"format": "JPEG"},
    "progressive": {"format": "JPEG", "progressive": True, "exif": Image.Exif()},
    "gif": {"format": "GIF"},
    "moving gif": {"format": "GIF", "save_all": True, "append_images": [Image.new("P", (2, 2), 1)]},
}


def drawn(width: int, height: int, **how: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, **how)
    return buffer.getvalue()


def png(width: int, height: int, rows: int) -> bytes:
    """Return a PNG whose head claims a size, with as many rows in it, by hand."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(rows)) + packer.flush()
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in chunks)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(sorted(FORMS)))
def test_a_size_is_pillow_s(width: int, height: int, form: str) -> None:
    """Of pictures that Pillow writes, in every kind that a page shows; none has a fault."""
    data = drawn(width, height, **FORMS[form])

    assert pictures.size(data) == Image.open(io.BytesIO(data)).size == (width, height)
    assert pictures.fault(data) == ""
    assert pictures.kind(data) == Image.MIME[str(FORMS[form]["format"])]


BOMBS = {
    "png": png(30_000, 30_000, rows=30_000),
    "long png": png(2**31 - 1, 1, rows=0),
    "jpeg": drawn(16, 16, format="JPEG").replace(
        b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10", b"\xff\xc0\x00\x0b\x08\xff\xff\xff\xff"
    ),
    "gif": b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b",\0\0\0\0\1\0\1\0\0",
    "gif whose frame outgrows it": b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\xff\xff\xff\xff\0",
    "frame behind extensions": b"GIF89a\1\0\1\0\x80\0\0RGBRGB!\xf9\4\0\0\0\0\0"
    b",\0\0\0\0\xff\xff\xff\xff\0",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_picture_that_would_fill_the_memory_is_refused(name: str) -> None:
    """A few hundred kilobytes that a browser unfolds to gigabytes; the reason names the size."""
    bomb = BOMBS[name]

    assert len(bomb) < 150_000
    assert "pixels; at most 25 million are shown" in pictures.fault(bomb)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is no PNG, JPEG or GIF"),
        (b"<svg width='1e9' height='1e9'><script>hit()</script></svg>", "is no PNG"),
        (b"RIFF\x24\0\0\0WEBPVP8L", "is no PNG"),
        (b"\x89PNG\r\n\x1a\n", "is damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIDAT" + b"\1" * 20, "is damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "is damaged"),
        (png(0, 5, rows=0), "is damaged: a side of 0 pixels"),
        (b"\xff\xd8\xff", "is damaged"),
        (b"\xff\xd8" + b"\xff\xe1\0\2" * 3000, "is damaged: no size in its first 1000 segments"),
        (b"\xff\xd8\xff\xe1\xff\xff", "is damaged"),
        (b"GIF89a\1\0\1\0\0\0\0;", "is damaged"),
        (b"GIF89a\1\0\1\0\0\0\0" + b"!\1\0" * 3000, "is damaged: no frame"),
        (png(8, 8, rows=8) + b"\0" * pictures.MAX_BYTES, "has 10.0 MB, more than 10"),
    ],
)
def test_what_is_no_sound_picture_is_refused_in_words(data: bytes, says: str) -> None:
    """One sentence's end, whatever the bytes are."""
    assert pictures.fault(data).startswith(says)


@given(st.sampled_from(list(pictures.STARTS)), st.binary(max_size=200))
def test_no_bytes_raise(start: bytes, rest: bytes) -> None:
    """Whatever follows the first bytes of a picture, there is an answer."""
    assert isinstance(pictures.fault(start + rest), str)
