"""The wheel of the reference: `convolutions` alone, of the same bytes for the same content.

Neither the bank nor an answer is in it. Its name is the package's, its version the course's.
"""

from __future__ import annotations

import base64
import hashlib
import io
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "convolutions"
NEEDS = ("matplotlib>=3.9", "torch>=2.6")
WHEEL = (
    "Wheel-Version: 1.0\nGenerator: convolutions-course\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
)


def version() -> str:
    """Return the course's version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def name() -> str:
    """Return the wheel's file name."""
    return f"convolutions-{version()}-py3-none-any.whl"


def metadata() -> str:
    """Return what the package says of itself."""
    return "\n".join([
        "Metadata-Version: 2.4",
        "Name: convolutions",
        f"Version: {version()}",
        "Summary: The reference code of the book Convolutions for Images.",
        "License-Expression: MIT",
        "License-File: LICENSE",
        "Requires-Python: >=3.11",
        *(f"Requires-Dist: {need}" for need in NEEDS),
        "",
    ])  # fmt: skip


def build() -> bytes:
    """Return the wheel."""
    paths = (p for p in sorted(PACKAGE.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
    files = {p.relative_to(PACKAGE.parent).as_posix(): p.read_bytes() for p in paths}
    info = f"convolutions-{version()}.dist-info"
    files[f"{info}/METADATA"] = metadata().encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    files[f"{info}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    record = [f"{path},sha256={digest(data)},{len(data)}" for path, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return packed(files)


def digest(data: bytes) -> str:
    """Return the hash of a file as a wheel's record has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def packed(files: dict[str, bytes]) -> bytes:
    """Return a zip file that tells neither when nor by whom it was made."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(entry, data)
    return target.getvalue()
