"""What is measured of a peer, in a process of its own. Import it before the framework: it sets the number of threads.

A step is one update of the discriminator and one of the generator: a batch gathered by a shuffled index from bytes in memory
and scaled to [-1, 1], fresh noise for each update, Adam (2e-4, 0.5, 0.999), both losses read back as numbers. After three
steps that do not count, steps are timed until the budget is spent, at least eight.
"""

import argparse
import json
import os
import statistics
import time

parser = argparse.ArgumentParser()
parser.add_argument("model", choices=["guide", "dcgan", "mlp"])
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=4.0)
parser.add_argument("--variant", default="")
arguments = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
    os.environ[variable] = str(arguments.threads)

import numpy as np  # noqa: E402

BATCH, LATENT, IMAGES = 64, 100, 9000
RATE, BETA1, BETA2, EPSILON = 2e-4, 0.5, 0.999, 1e-8


def images():
    """As many as mnist-10k trains on; what they show does not matter here."""
    return np.random.default_rng(0).integers(0, 256, (IMAGES, 28, 28), dtype=np.uint8)


def batches():
    """Shuffled indices without end, in a new order each epoch."""
    generator = np.random.default_rng(0)
    while True:
        order = generator.permutation(IMAGES).astype(np.int32)
        for start in range(0, IMAGES - BATCH + 1, BATCH):
            yield order[start : start + BATCH]


def measure(version, step):
    """Prints one line of JSON. `step()` returns both losses."""
    for _ in range(4):
        step()
    milliseconds, begin = [], time.perf_counter()
    while len(milliseconds) < 8 or time.perf_counter() - begin < arguments.seconds:
        start = time.perf_counter()
        losses = step()
        milliseconds.append((time.perf_counter() - start) * 1e3)
        assert all(np.isfinite(loss) for loss in losses), losses
    print(json.dumps({"version": version, "steps": len(milliseconds), "milliseconds": statistics.median(milliseconds)}))
