"""Packs what students get: `python book/release.py SITE FOLDER`.

The site as a folder and a zip file, the wheel of the reference, and a zip file for each assignment
and for all of them. Each of these unpacks into the folder `convolutions`, with the notebooks, an
environment and how to start; so the next assignment's goes beside the last one's. The same content
makes the same bytes.
SITE_URL in the environment, if it is set, is where the book is published, and the page on how to
start says so.
"""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KIT = ("requirements.txt", "start.py")
SOMEWHERE = "where your instructor has put it"  # in the kit's README
Files = Mapping[str, Path | bytes]
TOP = "convolutions"


def main(site: Path, to: Path) -> None:
    """Write the release, in place of an earlier one."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(site, to / "site")
    pack(to / "site.zip", files_in(to / "site", "site"))
    for wheel in sorted(site.glob("_downloads/convolutions-*.whl")):
        shutil.copy(wheel, to)
    topics = sorted(p.name for p in (ROOT / "exercises").iterdir() if p.is_dir())
    exercises = {topic: files_in(ROOT / "exercises" / topic, f"{TOP}/{topic}") for topic in topics}
    for topic, files in exercises.items():
        pack(to / f"{topic}.zip", kit() | files)
    pack(
        to / "exercises.zip",
        kit() | {n: p for files in exercises.values() for n, p in files.items()},
    )
    for path in sorted(to.iterdir()):
        print(path)


def kit() -> dict[str, Path | bytes]:
    """Return what each zip file has besides notebooks; pip reads the lock as constraints."""
    source = ROOT / "book" / "kit"
    readme = (source / "README.md").read_text(encoding="utf-8")
    address = os.environ.get("SITE_URL", "")
    return {
        f"{TOP}/README.md": readme.replace(SOMEWHERE, address or SOMEWHERE).encode(),
        **{f"{TOP}/{name}": source / name for name in KIT},
        f"{TOP}/versions.txt": ROOT / "requirements.lock",
    }


def files_in(folder: Path, top: str) -> dict[str, Path | bytes]:
    """Return the files of a folder by the names that they get; what editors leave is none."""
    return {
        f"{top}/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".ipynb_checkpoints", "__pycache__"} & set(path.parts)
    }


def pack(target: Path, files: Files) -> None:
    """Write a zip file; it tells neither when nor by whom."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = content.read_bytes() if isinstance(content, Path) else content
            bundle.writestr(entry, data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
