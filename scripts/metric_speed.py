"""Seconds of Fréchet distance, KID and PRDC on the same arrays: this program, and SciPy, scikit-learn and prdc, in turns.

    "$(scripts/venv.sh distances)/python" scripts/metric_speed.py target/release/runner
    taskset -c 0 "$(scripts/venv.sh distances)/python" scripts/metric_speed.py target/release/runner      # on one core

10,000 real and 10,000 fake samples of 128 features in 32 bits. Each reads them, and measures the floor of two halves of the
real ones as well; the program is timed from its start to its end, the packages without Python's. Medians of three; processor
seconds are those of all threads, and say more than the clock where a machine is not quiet.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from prdc import compute_prdc
from scipy.linalg import sqrtm
from sklearn.metrics.pairwise import polynomial_kernel

SAMPLES, WIDTH, TURNS = 10_000, 128, 3
SUBSETS, SUBSET = 100, 1000


def frechet(real, fake):
    difference = real.mean(0) - fake.mean(0)
    c, d = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    return difference @ difference + np.trace(c) + np.trace(d) - 2 * np.trace(sqrtm(c @ d).real)


def kid(real, fake):
    random, total = np.random.default_rng(0), 0
    for _ in range(SUBSETS):
        x, y = (rows[random.choice(len(rows), SUBSET, replace=False)] for rows in (real, fake))
        within = [polynomial_kernel(z, degree=3, coef0=1) for z in (x, y)]
        pairs = SUBSET * (SUBSET - 1)
        total += sum((k.sum() - k.trace()) / pairs for k in within) - 2 * polynomial_kernel(x, y, degree=3, coef0=1).mean()
    return total / SUBSETS


def prdc(real, fake):
    return compute_prdc(real, fake, 5)


def measure(folder, functions):
    real, fake = (np.load(f"{folder}/{name}.npy").astype(float) for name in ("real", "fake"))
    half = len(real) // 2
    return [(function(real, fake), function(real[:half], real[half:])) for function in functions]


def seconds(work):
    """By the clock and of the processor, in this process and those that it waited for."""
    processor = lambda: sum(os.times()[:4])
    began, used = time.perf_counter(), processor()
    work()
    return time.perf_counter() - began, processor() - used


def main():
    program, random = Path(sys.argv[1]).resolve(), np.random.default_rng(0)
    real, fake = (random.normal(mean, 1, (SAMPLES, WIDTH)).astype(np.float32) for mean in (0, 0.1))
    published = {"frechet": [frechet], "kid": [kid], "prdc": [prdc], "frechet,kid,prdc": [frechet, kid, prdc]}
    packages = ["numpy", "scipy", "scikit-learn", "prdc"]
    print(f"{len(os.sched_getaffinity(0))} cores, Python {platform.python_version()},", ", ".join(f"{p} {version(p)}" for p in packages))
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/real.npy", real)
        np.save(f"{folder}/fake.npy", fake)
        for metrics, functions in published.items():
            line = [program, "metrics", "real.npy", "fake.npy", "--metrics", metrics]
            run = lambda: subprocess.run(line, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            theirs = lambda: measure(folder, functions)
            turns = [(*seconds(run), *seconds(theirs)) for _ in range(TURNS)]
            ours, ours_processor, others, others_processor = map(statistics.median, zip(*turns))
            print(f"{metrics}: runner {ours:.2f} s ({ours_processor:.2f} of processor),", end=" ")
            print(f"published {others:.2f} s ({others_processor:.2f}): {others / ours:.1f} ({others_processor / ours_processor:.1f}) times as long")


if __name__ == "__main__":
    main()
