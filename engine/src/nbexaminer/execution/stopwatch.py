"""How long a process and its children take, without the time that they wait for a core. In seconds.

On a busy machine an honest answer waits; how long is up to others, and must not decide its grade.
The kernel says how long each thread has waited, and how much processor time each process and the
children that it has outlived have had.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from nbexaminer.execution.sandbox import memory

LOOK = 0.25  # seconds between two looks
MOST = 10  # times of a limit, after which it holds whatever the machine is busy with
ROUNDS = 20  # of signals to processes that fork
LAST = 19  # the lowest priority
TICKS = os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """A clock for what a process and its children do, which stands while they wait for a core.

    Parameters
    ----------
    find : callable
        Returns the folder of the process in /proc; called when somebody first looks.
    """

    def __init__(self, find: Callable[[], Path]) -> None:
        self._find, self._folder = find, Path()
        self._delays: dict[Path, float] = {}
        self._began = self._seen = time.monotonic()
        self.waited = self.cpu_seconds = 0.0

    def now(self) -> float:
        """Return what the clock shows, as far as somebody has looked for how long they waited."""
        return time.monotonic() - self._began - self.waited

    def look(self, every: float = 0.0) -> bool:
        """See how long they have waited, and what they have used, unless somebody just has.

        What one waits while another does counts once, and so does what nobody could see.
        """
        now = time.monotonic()
        if now - self._seen < every:
            return False
        self._seen = now
        if self._folder == Path():
            self._folder = self._find()
        family = list(memory.tree(self._folder))
        self.cpu_seconds = max(self.cpu_seconds, sum(map(cpu_seconds, family)))
        delays = {thread: waited(thread) for one in family for thread in threads(one)}
        grown = max((d - self._delays.get(t, 0.0) for t, d in delays.items()), default=0.0)
        self.waited = min(self.waited + max(grown, 0.0), now - self._began)
        self._delays |= delays
        return True

    def beyond_one_core(self) -> float:
        """Return the processor seconds beyond those of one core since the process began."""
        return self.cpu_seconds - (time.monotonic() - self._began)

    def give_way(self) -> None:
        """Let all others of this machine go first, as far as its scheduler asks."""
        for process in memory.tree(self._folder):
            for thread in threads(process):
                with contextlib.suppress(OSError, IndexError):  # it may be gone
                    os.setpriority(os.PRIO_PROCESS, memory.pid_of(thread), LAST)

    def signal(self, number: int) -> bool:
        """Send a signal to the process and its children, and to those that they fork meanwhile.

        Returns
        -------
        bool
            Whether it has reached all of them: who forks on and on can be ahead of it.
        """
        if self._folder == Path():
            self._folder = self._find()
        reached: set[int] = set()
        for _ in range(ROUNDS):
            pids = set(map(_pid, memory.tree(self._folder))) - reached - {0}
            for pid in pids:
                with contextlib.suppress(OSError):  # it may be gone
                    os.kill(pid, number)
            if not pids:
                return True
            reached |= pids
        return False


def _pid(process: Path) -> int:
    try:
        return memory.pid_of(process)
    except (OSError, IndexError):  # it is gone
        return 0


def cpu_seconds(process: Path) -> float:
    """Return the processor time of a process, and of all its children that have ended."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it is gone
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def waited(thread: Path) -> float:
    """Return how long a thread has waited for a core; 0 where this kernel does not say."""
    try:
        return int((thread / "schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def threads(process: Path) -> list[Path]:
    """Return the folders of a process's threads."""
    try:
        return list((process / "task").iterdir())
    except OSError:  # it is gone
        return []
