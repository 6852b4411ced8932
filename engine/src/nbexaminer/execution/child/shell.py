"""An IPython shell without messaging: runs a cell, returns its outputs as nbformat has them."""

from __future__ import annotations

import inspect
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from nbexaminer.notebooks.outputs import (
    CUT,
    KINDS,
    MAX_OUTPUTS,
    MAX_RICH,
    MAX_TEXT,
    Output,
    well_formed,
)

WARMING = {  # by the library that must be there
    "sys": ("1", "1 / 0"),
    "torch": ("import torch\ntorch.ones(2)",),
    "matplotlib.pyplot": ("from matplotlib import pyplot\npyplot.plot([1])",),
}


class CellTimeoutError(Exception):
    """The cell used more processor time than it may."""


class OutputRecorder:
    """What a cell puts out, in order, up to a size."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.room, self.rich_room = MAX_TEXT, MAX_RICH

    def stream(self, name: str, text: str) -> None:
        """Append text to a stream; runs of the same stream are one output."""
        if self.room <= 0 or len(self.outputs) >= MAX_OUTPUTS:
            return
        text = well_formed(text) if len(text) <= self.room else well_formed(text[: self.room]) + CUT
        self.room -= len(json.dumps(text))
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def rich(self, kind: str, data: Mapping[str, Any]) -> None:
        """Append a display or a result: its plain text, and its picture if it has one."""
        kept = {mime: well_formed(data[mime]) for mime in KINDS if isinstance(data.get(mime), str)}
        size = len(json.dumps(kept))
        if size > self.rich_room or len(self.outputs) >= MAX_OUTPUTS:
            return self.stream("stdout", CUT)
        self.rich_room -= size
        output: Output = {"output_type": kind, "data": kept, "metadata": {}}
        if kind == "execute_result":
            output["execution_count"] = None
        return self.outputs.append(output)

    def error(self, name: str, text: str, traceback: list[str]) -> None:
        """Append an error as Jupyter records it."""
        lines = [well_formed(line[:2000]) for line in traceback[-30:]]
        error = {"ename": well_formed(name[:200]), "evalue": well_formed(text[:2000])}
        self.outputs.append({"output_type": "error", **error, "traceback": lines})


class Stream:
    """A text stream that writes into the recorder; its descriptor is the real one."""

    encoding, errors, newlines = "utf-8", "replace", None

    def __init__(self, name: str, descriptor: int) -> None:
        self.name, self.descriptor = name, descriptor
        self.recorder = OutputRecorder()

    def write(self, text: str) -> int:
        """Record text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.recorder.stream(self.name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Record lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """Return False: nobody sits there."""
        return False

    def writable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return False."""
        return False

    def fileno(self) -> int:
        """Return the descriptor, for those who write past Python."""
        return self.descriptor


class _Publisher(DisplayPublisher):
    """Sends displays to the shell's recorder."""

    shell: Shell

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        self.shell.recorder.rich("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.recorder.outputs.clear()


class _Hook(DisplayHook):
    """Sends the value of a cell's last line to the shell's recorder."""

    shell: Shell

    def quiet(self) -> bool:
        """Return whether the cell ends with a semicolon."""
        return bool(self.semicolon_at_end_of_expression(self.shell.source))  # type: ignore[no-untyped-call]

    def write_output_prompt(self) -> None:
        """Print no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.recorder.rich("execute_result", format_dict)

    def finish_displayhook(self) -> None:
        """Print no newline."""


class _Compiler(CachingCompiler):
    """Tells `inspect` whose a cell is; for each traceback it would look through all modules."""

    def cache(self, *args: Any, **kwargs: Any) -> str:
        name: str = super().cache(*args, **kwargs)
        for file in (name, str(Path(name).absolute())):
            inspect.modulesbyfile[file] = "__main__"
        return name


class Shell(InteractiveShell):
    """The shell of one process."""

    compiler_class = Type(_Compiler)
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)
    recorder = OutputRecorder()
    source = ""
    system = InteractiveShell.system_raw  # the default wants a terminal, and there is none

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Show the error without what interrupted the cell."""
        _cut_own_frame(sys.exc_info()[2])
        super().showtraceback(*args, **kwargs)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.recorder.error(getattr(etype, "__name__", str(etype)), str(evalue), stb)

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is no screen."""

    def warm_up(self) -> None:
        """Do once what the first output of a kind costs: imports, and what `inspect` looks up."""
        before = dict(self.user_ns)
        sources = [one for name, some in WARMING.items() if name in sys.modules for one in some]
        for source in sources:
            self.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
        _flush_figures()
        self.user_ns.clear()
        self.user_ns.update(before)
        self.last_execution_result = None
        self.recorder = OutputRecorder()


def make_shell() -> Shell:
    """Return the shell of this process, without history, colors or a terminal."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    shell: Shell = Shell.instance(config=config)
    if "matplotlib" in sys.modules:  # imported later, its backend does the same by itself
        shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
    return shell


class CellRunner:
    """Runs cells in a shell, records what they put out, and stops them in time.

    Parameters
    ----------
    shell : Shell
    """

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.spill, name = tempfile.mkstemp()  # no memfd: nothing bounds those
        Path(name).unlink()
        self.streams = [Stream("stdout", 1), Stream("stderr", 2)]
        shell.events.register("post_execute", _flush_figures)

    def take_over(self) -> None:
        """Make this process's output, on every level, go to the recorder."""
        os.dup2(self.spill, 1)
        os.dup2(self.spill, 2)
        sys.stdout, sys.stderr = self.streams

    def run(self, source: str, *, cpu_seconds: float) -> list[Output]:
        """Run one cell and return its outputs.

        Parameters
        ----------
        source : str
        cpu_seconds : float
            Processor time after which the cell is interrupted.
        """
        recorder = self.shell.recorder = OutputRecorder()
        for stream in self.streams:
            stream.recorder = recorder
        self.shell.source = source
        with _interrupted_after(cpu_seconds):
            self.shell.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
        self._collect_spilled()
        return recorder.outputs

    def _collect_spilled(self) -> None:
        size = os.fstat(self.spill).st_size
        if size:
            text = os.pread(self.spill, MAX_TEXT, 0).decode("utf-8", "replace")
            os.ftruncate(self.spill, 0)
            os.lseek(self.spill, 0, os.SEEK_SET)
            self.shell.recorder.stream("stdout", text)


@contextmanager
def _interrupted_after(cpu_seconds: float) -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise CellTimeoutError(f"more than {cpu_seconds:g} s of processor time")

    before = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _cut_own_frame(traceback: TracebackType | None) -> None:
    """End a traceback where the student's code was interrupted, not in the handler."""
    while traceback:
        last = traceback.tb_next
        if last and last.tb_frame.f_code.co_filename == __file__:
            traceback.tb_next = None
        traceback = traceback.tb_next


def _flush_figures() -> None:
    """Show the figures that a cell leaves open, as the inline backend of Jupyter does."""
    if "matplotlib.pyplot" in sys.modules:
        from matplotlib_inline.backend_inline import flush_figures

        flush_figures()  # type: ignore[no-untyped-call]
