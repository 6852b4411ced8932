"""Runs the campaign over the whole bank and writes its table into the instructors' guide.

Usage: PYTHONPATH=benchmarks python -m bank [PROBLEM …]. With names, only those problems are
measured and no table is written. Ends with 1 if something is refused, accepted, stale or
below what is asked for.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
import warnings

import torch

from bank import examples, table
from bank.campaign import Score, measure
from nbexaminer.problems.problem import Problem
from problems import bank

SEEDS = (1, 2, 3, 4)
KILLED, NAMED, NOISY_NAMED = 0.95, 0.90, 0.80
BANK = {problem.name: problem for problems in bank().values() for problem in problems}


def job(name: str) -> tuple[Score, float]:
    """Measure one problem, quietly; return its score and the seconds of processor time."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    return measure(BANK[name], seeds=SEEDS), time.process_time()


def faults(score: Score) -> list[str]:
    """Return what the campaign holds against a problem's bank, in words."""
    found = [f"refused: {what}" for what in score.refused]
    found += [f"accepted: {what}" for what in score.accepted]
    found += [f"stale in equivalent.toml: {what}" for what in score.stale]
    for share, least, what, names in (
        (score.killed, KILLED, "mutants killed", score.survivors),
        (score.named, NAMED, "wrong answers named", score.unnamed),
        (score.noisy_named, NOISY_NAMED, "wrong answers named under noise", score.noisy_unnamed),
    ):
        if share < least:
            found += [f"{what}: {share:.1%} of at least {least:.0%}", *names]
    return found


def slowest_first(problem: Problem) -> float:
    """Return a guess of how long a problem takes: its cases times its mistakes, negative."""
    return -len(problem.cases()) * len(problem.misconceptions)


def main() -> int:
    """Run the campaign; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bank", description=__doc__.splitlines()[0])
    parser.add_argument("problems", nargs="*", metavar="PROBLEM", help="all, unless named")
    names = parser.parse_args().problems or list(BANK)
    queue = sorted(names, key=lambda name: slowest_first(BANK[name]))
    scores, failed = {}, False
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for score, seconds in pool.imap_unordered(job, queue):
            scores[score.problem] = score
            print(f"{table.row(score).strip()} {seconds:.0f} s", flush=True)
            for fault in faults(score):
                failed = True
                print(f"  {score.problem}: {fault}", flush=True)
    if not failed and set(names) == set(BANK):
        table.write(scores[name] for name in BANK)
        failed = bool(examples.main())
        print(f"the tables are in {table.GUIDE.name}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
