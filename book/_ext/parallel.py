"""Chapters are executed beside each other, one a core, before Sphinx reads them one by one.

myst-nb executes a chapter when it reads it, and Sphinx reads chapters one after the other. What is
not in the execution cache yet is executed here, and myst-nb finds it there. A chapter that fails
is left to myst-nb, which executes it again and says what is wrong as it always does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.execute import NotebookClientCache, create_client
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


def execute(_app: Any, env: Any, docnames: list[str]) -> None:
    """Execute what is about to be read and is not in the cache, as many at a time as cores."""
    clients = list(_clients(env, docnames))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for client, result in zip(clients, pool.map(_executed, clients), strict=True):
            if result.err is None:
                data = {"execution_seconds": result.time}
                bundle = CacheBundleIn(result.nb, str(client.path), data=data)
                cache = get_cache(client.nb_config.execution_cache_path)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def _clients(env: Any, docnames: list[str]) -> Iterator[NotebookClientCache]:
    """Yield myst-nb's client of each page that it would execute."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    for path in map(Path, map(env.doc2path, docnames)):
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
        if reader is None:
            continue
        client = create_client(reader.read(text), str(path), env.mystnb_config, LOGGER)
        if isinstance(client, NotebookClientCache):
            with suppress(KeyError):
                cache.match_cache_notebook(client.notebook)
                continue
            yield client


def _executed(client: NotebookClientCache) -> ExecutionResult:
    return single_nb_execution(
        client.notebook,
        cwd=str(client.path.parent),
        allow_errors=client.nb_config.execution_allow_errors,
        timeout=client.nb_config.execution_timeout,
    )


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("env-before-read-docs", execute)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
