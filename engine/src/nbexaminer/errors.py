"""What can go wrong for a person at the command line: one line each, and a next step."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from nbexaminer.printable import printable

AGAIN = "make room, then run the same command again"
REFUSALS = {
    errno.ENOSPC: f"the disk is full; {AGAIN}",
    errno.EDQUOT: f"the disk quota is used up; {AGAIN}",
    errno.EFBIG: "the file would be larger than allowed here; see `ulimit -f`",
    errno.EACCES: "not allowed; look at the owner and the rights",
    errno.EPERM: "not allowed; look at the owner and the rights",
    errno.EROFS: "the disk is read-only",
}


class AutograderError(Exception):
    """A mistake of input or installation: what was given, what is allowed, what to do next."""

    exit_code = 2


class UnknownNameError(AutograderError):
    """An assignment, a student or a bank that does not exist was asked for."""

    def __init__(self, kind: str, given: str, allowed: list[str], where: str) -> None:
        known = ", ".join(map(printable, allowed)) if allowed else "none"
        super().__init__(f"no {kind} named {given!r} in {where}; there are: {known}")


class NotACourseError(AutograderError):
    """The folder is not an nbgrader course, or one of its files cannot be used."""


class IncompleteError(AutograderError):
    """The work was done, but some submission has no complete result, or a check failed."""

    exit_code = 1


class GradebookError(AutograderError):
    """The gradebook cannot be read or written: where it is, why, and what to do."""


class WrongInputError(AutograderError):
    """A file or an option that cannot be used: which, why, and what would do."""


class NotADemoError(AutograderError):
    """A folder with something in it that no demo put there was named as the demo's folder."""

    def __init__(self, folder: object) -> None:
        super().__init__(
            f"{folder} is not empty and was not made by demo, so it is left alone; "
            "name a new folder with --to"
        )


class BusyError(AutograderError):
    """Another process grades the same course."""

    def __init__(self, where: object, pid: str) -> None:
        super().__init__(
            f"another grading of {where} is under way (process {pid or 'unknown'}); "
            "wait until it is done, or stop it"
        )


class StoppedError(AutograderError):
    """Somebody stopped the command, by Ctrl-C or a signal."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("stopped; what is graded is kept, the same command goes on from there")


class NoSandboxError(AutograderError):
    """The machine cannot shut students' code in, and nobody said to trust it."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"the sandbox does not work on this machine ({fault}); "
            "`nbexaminer doctor` says more, --trust-submissions grades without it"
        )


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what the operating system refuses into one line and a next step.

    Raises
    ------
    WrongInputError
        For any error of the system's, and for a full disk where another error hides it.
    """
    try:
        yield
    except AutograderError:
        raise
    except Exception as error:
        said = _refusal(error) if isinstance(error, OSError) else _full_disk(error)
        if said:
            raise WrongInputError(said) from error
        raise


def _refusal(error: OSError) -> str:
    what = f"{printable(str(error.filename))}: " if error.filename else ""
    return what + REFUSALS.get(error.errno or 0, error.strerror or str(error))


def _full_disk(error: BaseException | None) -> str:
    """Return what SQLite or the system says of a disk without room, if that is what went wrong."""
    while error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _refusal(error)
        if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
            return f"{error}; {AGAIN}"
        error = error.__cause__ or error.__context__
    return ""
