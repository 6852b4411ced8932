"""Members of zip files that bzip2 or LZMA packed, a piece at a time.

`zipfile` inflates all that it has read of them at once, which can be a million times as much.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib
from copy import copy
from typing import IO

RARE = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
LARGEST_WINDOW = 64 << 20  # more than any file that is taken


class Inflated(io.RawIOBase):
    """The content of a member, checked at its end.

    Parameters
    ----------
    archive : ZipFile
    info : ZipInfo
        Packed in one of the `RARE` ways.

    Raises
    ------
    BadZipFile
        If it ends early, or is not what the directory says.
    """

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._raw, self._info = _stored(archive, info), info
        self._left, self._sum = info.file_size, 0
        self._bz2 = info.compress_type == zipfile.ZIP_BZIP2
        self._inside = bz2.BZ2Decompressor() if self._bz2 else _lzma_of(self._raw)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`, and none at the end."""
        out = b""
        while self._left and not out:
            fresh = self._raw.read(1 << 16) if self._inside.needs_input else b""
            if self._inside.eof or (self._inside.needs_input and not fresh):
                raise zipfile.BadZipFile("it ends early")
            out = self._inside.decompress(fresh, min(size, self._left))
        self._left -= len(out)
        self._sum = zlib.crc32(out, self._sum)
        if not self._left and self._sum != self._info.CRC:
            raise zipfile.BadZipFile("bad checksum")
        return out


def _stored(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """Return a member's bytes as they are packed."""
    plain = copy(info)
    plain.compress_type, plain.file_size = zipfile.ZIP_STORED, info.compress_size
    del plain.CRC  # it is that of the content
    return archive.open(plain)


def _lzma_of(raw: IO[bytes]) -> lzma.LZMADecompressor:
    """Return what unpacks a member, by the nine bytes before it.

    References
    ----------
    PKWARE, *APPNOTE.TXT*, 5.8.8, "LZMA compression method".
    """
    head = raw.read(9)
    if len(head) < 9 or head[2:4] != b"\5\0":
        raise zipfile.BadZipFile("bad head of LZMA")
    rest, lc = divmod(head[4], 9)
    pb, lp = divmod(rest, 5)
    window = min(int.from_bytes(head[5:], "little"), LARGEST_WINDOW)
    how = {"id": lzma.FILTER_LZMA1, "dict_size": window, "lc": lc, "lp": lp, "pb": pb}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[how])
