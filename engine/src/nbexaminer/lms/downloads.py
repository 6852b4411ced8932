"""How a download is read: by the names of the system that wrote it, told from all of them. Pure.

Only what the system wrote decides who handed in. A download has one scheme, told from all the names
at the level that the system wrote; what stands below it is the student's own, and names nobody.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from nbexaminer.lms.filenames import ParsedFilename, Parts, folder, stem_of
from nbexaminer.lms.systems import SYSTEMS
from nbexaminer.lms.systems.canvas import read as canvas
from nbexaminer.lms.systems.exchange import read as exchange

WRAPPERS = 3  # folders around all that are looked through


@dataclass(frozen=True)
class Reading:
    """How a download is read: by which scheme, and below how many folders that stand around all."""

    scheme: str
    depth: int = 0


def label_of(parts: Parts, reading: Reading, zone: str = "UTC") -> ParsedFilename | None:
    """Return what a path says as its download is read; None if it does not follow the scheme.

    Two spellings that look the same, as macOS and others write ``ë``, are one. `zone` is that of
    the times in the names.
    """
    inner = tuple(unicodedata.normalize("NFC", part) for part in parts[reading.depth :])
    if not inner or reading.scheme == "folder":
        return folder(inner) if inner else None
    return SYSTEMS[reading.scheme].read(inner, zone)


def reading_of(
    paths: Sequence[Parts],
    *,
    scheme: str | None = None,
    on_disk: bool = False,
    is_person: Callable[[str], bool] | None = None,
    assignment: str = "",
) -> Reading:
    """Return how a download is read.

    Parameters
    ----------
    paths : sequence of parts
        All of the download's.
    scheme : str, optional
        Where it is known; else it is the system's whose names at least half of the names at the top
        are, and otherwise plain folders. There the system alone writes.
    on_disk : bool
        Whether others may have put files beside those of nbgrader's exchange: one submission of
        it decides, whatever else lies there.
    is_person : callable, optional
        Whether the name of a plain folder is somebody's in the class.
    assignment : str
        The name that plain folders have within those of the students.

    Examples
    --------
    >>> paths = [("all", "Ada L_7_assignsubmission_file", "a+b+2026-01-01 10:00:00 UTC", "c")]
    >>> reading_of(paths, is_person=lambda name: name == "ada")
    Reading(scheme='moodle', depth=1)
    """
    depths = range(_around(paths) + 1)
    if scheme == "folder":
        return Reading("folder", _depth_of_folders(paths, depths, is_person, assignment))
    for depth in _open(depths, paths, is_person):
        inner = [path[depth:] for path in paths if len(path) > depth]
        if on_disk and scheme is None and any(map(exchange, inner)):
            return Reading("exchange", depth)
        for name in SYSTEMS if scheme is None else (scheme,):
            if _share(inner, SYSTEMS[name].read) >= 0.5:
                return Reading(name, depth)
    if scheme:
        return Reading(scheme)
    return Reading("folder", _depth_of_folders(paths, depths, is_person, assignment))


def _open(
    depths: Iterable[int], paths: Sequence[Parts], is_person: Callable[[str], bool] | None
) -> Iterator[int]:
    """Yield below how many folders around all a system's names may be looked for.

    A folder that is somebody's holds names of that person's making. Without a class only nbgrader's
    own ``inbound`` is known to be nobody's.
    """
    for depth in depths:
        yield depth
        names = {path[depth] for path in paths if len(path) > depth + 1}
        if is_person is None and names != {"inbound"}:
            return
        if any(canvas((name,)) or (is_person and is_person(name)) for name in names):
            return


def units(paths: Sequence[Parts], *, on_disk: bool = False) -> list[str]:
    """Return for each path whose it is, as far as it can be told without knowing the class."""
    reading = reading_of(paths, on_disk=on_disk, is_person=lambda _: False)
    depth = _around(paths) if reading.scheme == "folder" else reading.depth
    labels = [label_of(path, reading) for path in paths]
    return [
        label.number if label and label.scheme != "folder" else path[min(depth, len(path) - 1)]
        for path, label in zip(paths, labels, strict=True)
    ]


def _around(paths: Sequence[Parts]) -> int:
    """Return how many folders stand around all notebooks, one in the other.

    Other files beside them (``README.txt``, ``index.html``) are nobody's.
    """
    for depth in range(WRAPPERS):
        told = [path for path in paths if len(path) > depth + 1 or stem_of(path[-1])]
        if len({path[depth] for path in told}) != 1 or any(len(path) == depth + 1 for path in told):
            return depth
    return WRAPPERS


def _share(paths: Iterable[Parts], reader: Callable[[Parts], ParsedFilename | None]) -> float:
    """Return how many of the names at the top follow a scheme, of all of them."""
    fits = {path[0]: reader(path) is not None for path in paths}
    return sum(fits.values()) / len(fits) if fits else 0.0


def _depth_of_folders(
    paths: Sequence[Parts],
    depths: Iterable[int],
    is_person: Callable[[str], bool] | None,
    assignment: str,
) -> int:
    """Return below how many folders the students' stand.

    A folder around all is looked through where it is nobody's, and where that does not make a
    folder of one student's the name of another: if it holds those of several, or of one with the
    assignment's in it.
    """
    for depth in depths:
        below = [path[depth:] for path in paths if len(path) > depth]
        names = {path[0] for path in below}
        inside = all(path[1:-1][:1] == (assignment,) for path in below)
        people = {name for name in names if is_person is None or is_person(_stem(name))}
        if people and (depth == 0 or len(people) > 1 or inside) and (is_person or inside):
            return depth
    return 0


def _stem(name: str) -> str:
    return stem_of(name) or name
