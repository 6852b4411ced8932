"""Times corr2d beside the field's own correlations, one thread, one run: ratios to `corr2d`.

Usage: python benchmarks/corr2d.py [--quick]. Writes _build/bench/corr2d.md and prints it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import scipy.signal
import torch
from torch.nn import functional as F

from convolutions import corr2d, corr2d_loops

IMAGES, KERNELS = (64, 128, 256, 512, 1024, 2048), (3, 7, 15, 31)
OUT = Path("_build/bench/corr2d.md")
Method = Callable[[torch.Tensor, torch.Tensor], object]

METHODS: dict[str, Method] = {
    "torch conv2d": lambda X, K: F.conv2d(X[None, None], K[None, None]),
    "scipy correlate2d": lambda X, K: scipy.signal.correlate2d(X.numpy(), K.numpy(), mode="valid"),
    "OpenCV filter2D": lambda X, K: cv2.filter2D(X.numpy(), -1, K.numpy()),
}


def seconds(run: Callable[[], object], *, budget: float = 0.2) -> float:
    """Return the median time of a call, after one to warm up; at least three, at most 50."""
    run()
    times: list[float] = []
    while len(times) < 3 or (sum(times) < budget and len(times) < 50):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return median(times)


def check(X: torch.Tensor, K: torch.Tensor) -> None:
    """Raise unless all methods agree where windows fit (filter2D pads: its middle is compared)."""
    expected = corr2d(X, K).numpy()
    (rows, columns), (a, b) = expected.shape, (K.shape[0] // 2, K.shape[1] // 2)
    found = [
        METHODS["torch conv2d"](X, K)[0, 0].numpy(),  # type: ignore[index]
        METHODS["scipy correlate2d"](X, K),
        METHODS["OpenCV filter2D"](X, K)[a : a + rows, b : b + columns],  # type: ignore[index]
    ]
    for values in found:
        np.testing.assert_allclose(values, expected, atol=1e-3 * K.numel() ** 0.5)


def row(n: int, k: int, generator: torch.Generator) -> str:
    """Return one line of the table: time of corr2d, and how many times longer the others take."""
    X, K = (torch.randn(s, s, generator=generator) for s in (n, k))
    check(X, K)
    ours = seconds(lambda: corr2d(X, K))
    ratios = [seconds(lambda m=m: m(X, K)) / ours for m in METHODS.values()]  # type: ignore[misc]
    return (
        f"| {n}² | {k}×{k} | {ours * 1e3:.2f} ms | " + " | ".join(f"{r:.2f}" for r in ratios) + " |"
    )


def loops_row(n: int, k: int, generator: torch.Generator) -> str:
    """Return how many times longer the pixel loop takes than corr2d."""
    X, K = (torch.randn(s, s, generator=generator) for s in (n, k))
    ratio = seconds(lambda: corr2d_loops(X, K), budget=0) / seconds(lambda: corr2d(X, K))
    return f"| {n}² | {k}×{k} | {ratio:.0f} |"


def main(quick: bool) -> None:
    """Measure, write the tables, print them."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    generator = torch.Generator().manual_seed(0)
    sizes = [(n, k) for n in (IMAGES[:2] if quick else IMAGES) for k in KERNELS]
    lines = [
        f"torch {torch.__version__}, one thread, float32, one channel. Time of `corr2d`, and how "
        "many times as long the others take (above 1: `corr2d` is faster).",
        "",
        "| image | kernel | corr2d | " + " | ".join(METHODS) + " |",
        "|---|---|---" + "|---" * len(METHODS) + "|",
        *(row(n, k, generator) for n, k in sizes),
        "",
        "| image | kernel | pixel loop / corr2d |",
        "|---|---|---|",
        *(loops_row(n, 3, generator) for n in ((64,) if quick else (64, 256, 512))),
        "",
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main("--quick" in sys.argv)
