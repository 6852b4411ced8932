"""The machines of a Dask cluster mark what is too much for this one: same function, same results.

Each of the cluster's workers keeps a pool of its own, as `grade` has here without a cluster. All
see the course's folder under the same path; this process alone records. Dask passes pickles between
machines: whoever can reach the scheduler can run code there, so that its network must be closed, or
its connections secured by TLS.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import current_process
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from nbexaminer.errors import IncompleteError, NoSandboxError, WrongInputError
from nbexaminer.execution.sandbox import namespaces
from nbexaminer.grading.pool import GradingContext, MarkedPages, Pool, Submit, local_pool
from nbexaminer.journal import digest, tree_digest
from nbexaminer.model import Submission
from nbexaminer.nbgrader.gradebook import GradebookEntry

if TYPE_CHECKING:
    from distributed import Client, Worker

SCHEDULER_SECONDS = 10.0  # seconds until the scheduler answers
LOOK, GONE = 2.0, 20.0  # seconds between looks for workers, and without any until all is given up
AT_STAKE = ("ipython", "matplotlib", "nbconvert", "nbformat", "nbgrader", "numpy", "torch")
NOBODY = (
    "the cluster has no workers left; what is graded is kept: start some, and run the same command "
    "again"
)
Surroundings = Mapping[str, str]


def cluster_pool(address: str) -> Pool:
    """Return the pool of a cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://head:8786``.

    Raises
    ------
    WrongInputError
        If Dask is not installed here, nobody answers at the address, it has no workers, or one
        of them has other versions, another course, may not start processes, or has no sandbox
        that works where it was not given up expressly.
    IncompleteError
        If the cluster is lost, or a submission costs several workers their lives.
    """

    @contextmanager
    def pool(work: GradingContext) -> Iterator[Submit]:
        from distributed import KilledWorker

        with _client(address) as client:
            if not client.scheduler_info()["workers"]:
                raise WrongInputError(f"the cluster at {address} has no workers; start some first")
            # Other courses may use the same cluster; of this one, a killed run's pool makes room.
            name = f"nbexaminer-{digest(str(work.root))[:16]}"
            executor = client.get_executor(pure=False)
            try:
                client.register_plugin(_host(work, surroundings(work.root)), name=name)
                with _watched(client) as futures:

                    def submit(
                        who: Submission, entries: Mapping[str, GradebookEntry]
                    ) -> Future[MarkedPages]:
                        futures.append(executor.submit(_mark_there, name, who, entries))
                        return futures[-1]

                    yield submit
            except (KilledWorker, CancelledError) as error:
                raise IncompleteError(
                    f"the cluster at {address} lost what it had to do ({type(error).__name__}); "
                    "what is graded is kept: run the same command again"
                ) from error
            finally:
                with suppress(OSError, ValueError):  # the cluster is gone
                    executor.shutdown(wait=False)  # Ctrl-C waits for nothing
                    client.unregister_worker_plugin(name)

    return pool


@contextmanager
def _watched(client: Client) -> Iterator[list[Future[MarkedPages]]]:
    """Yield a list for futures; those left in it fail if all workers have been gone for a while."""
    done = Event()
    futures: list[Future[MarkedPages]] = []

    def watch() -> None:
        gone = 0.0
        while not done.wait(LOOK):
            with suppress(OSError, ValueError):
                gone = 0.0 if client.scheduler_info()["workers"] else gone + LOOK
            if gone >= GONE:
                for future in futures:
                    with suppress(InvalidStateError):  # done by now
                        future.set_exception(IncompleteError(NOBODY))
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield futures
    finally:
        done.set()
        watcher.join()


def surroundings(root: Path) -> Surroundings:
    """Return what grades depend on beside a submission, as this process sees it, each with a name.

    Parameters
    ----------
    root : Path
        Folder of the course.
    """
    config = root / "nbgrader_config.py"
    return {
        "Python": platform.python_version(),
        **{name: _version(name) for name in AT_STAKE},
        "nbexaminer": _code(),
        f"{config}": digest(config)[:12] if config.is_file() else "nothing",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "nowhere"


@cache
def _code() -> str:
    """Return a digest of this package as this process has read it, not as it may be by now."""
    return tree_digest([Path(__file__).parent])[:12]


@contextmanager
def _client(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError as error:
        raise WrongInputError(
            "a cluster needs Dask, here and on each of its machines: pip install distributed"
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is told below
    try:
        client = Client(address, timeout=SCHEDULER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WrongInputError(
            f"no Dask scheduler answers at {address}; `dask scheduler` prints its address, such "
            "as tcp://head:8786"
        ) from error
    with client:
        yield client


def _host(work: GradingContext, expected: Surroundings) -> Any:
    """Return the plugin by which a worker of the cluster, now or later, has a pool of its own."""
    from distributed import WorkerPlugin

    class Host(WorkerPlugin):  # type: ignore[misc]  # distributed has no types
        _stack: ExitStack | None = None
        submit: Submit | None = None

        def setup(self, worker: Worker) -> None:
            _refuse_unfit(worker.address, work, expected)
            self._stack = ExitStack()
            self.submit = self._stack.enter_context(local_pool(worker.state.nthreads)(work))

        def teardown(self, worker: Worker) -> None:
            if self._stack:  # none where this machine was refused
                self._stack.close()

    return Host()


def _refuse_unfit(address: str, work: GradingContext, expected: Surroundings) -> None:
    """Refuse a machine where the same submission could get other grades."""
    if current_process().daemon:
        raise WrongInputError(
            f"the worker at {address} may not start processes; start it with --no-nanny, or with "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False in its environment"
        )
    seen = surroundings(work.root)
    for name, here in expected.items():
        if seen.get(name) != here:
            raise WrongInputError(
                f"the worker at {address} has {name} {seen.get(name)}, this process {here}; "
                "install the same versions, and share the course's folder under the same path"
            )
    fault = "" if work.isolation.get("trust_submissions") else namespaces.fault()
    if fault:
        raise WrongInputError(f"{address}: {NoSandboxError(fault)}")


def _mark_there(
    name: str, submission: Submission, entries: Mapping[str, GradebookEntry]
) -> MarkedPages:
    """Mark one submission in the pool of the worker that this runs on."""
    from distributed import get_worker

    worker = get_worker()
    submit = getattr(worker.plugins.get(name), "submit", None)
    if submit is None:
        raise IncompleteError(
            f"the worker at {worker.address} came later and cannot grade (its log says why); what "
            "is graded is kept: end that worker, and run the same command again"
        )
    made: MarkedPages = submit(submission, entries).result()
    return made
