"""The course's secret, from which hidden inputs are drawn: staff can repeat them, students not."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path


def course_secret(path: Path) -> bytes:
    """Return the secret kept in a file; make one, for its owner's eyes only, if there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
    return path.read_bytes()


def seed(secret: bytes, name: str) -> int:
    """Return the seed that the secret gives to a name: 48 bits, the same each time.

    Examples
    --------
    >>> seed(b"s", "a") == seed(b"s", "a"), seed(b"s", "a") == seed(b"t", "a")
    (True, False)
    """
    return int.from_bytes(hmac.new(secret, name.encode(), hashlib.sha256).digest()[:6], "big")
