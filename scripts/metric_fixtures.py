"""Values of the metrics from published implementations, for crates/metrics/tests/fixtures/published.json.

    "$(scripts/venv.sh metrics)/python" scripts/metric_fixtures.py crates/metrics/tests/fixtures/published.json

The samples are whole numbers by a formula that the tests repeat, so that none need be stored.
"""

import json
import platform
import sys
from importlib.metadata import version

import numpy as np
import torch
from prdc import compute_prdc
from scipy.linalg import sqrtm
from scipy.stats import wasserstein_distance
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric


def samples(count, width, seed):
    """Sums of three terms of a linear congruential generator, in [-1.5, 1.5), with a slope over the features."""
    state, values = seed, []
    for index in range(count * width):
        total = 0
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2**31
            total += state >> 16
        values.append((total / 2**15 - 1.5) * (1 + (index % width) / width))
    return np.array(values).reshape(count, width)


def frechet(real, fake):
    difference = real.mean(0) - fake.mean(0)
    c, d = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    return float(difference @ difference + np.trace(c) + np.trace(d) - 2 * np.trace(sqrtm(c @ d).real))


def kid(real, fake):
    m, n = len(real), len(fake)
    within = lambda x, k: (polynomial_kernel(x, degree=3, coef0=1).sum() - polynomial_kernel(x, degree=3, coef0=1).trace()) / (k * (k - 1))
    return float(within(real, m) + within(fake, n) - 2 * polynomial_kernel(real, fake, degree=3, coef0=1).mean())


def one_nn(real, fake):
    union = np.concatenate([real, fake])
    label = np.arange(len(union)) < len(real)
    nearest = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(union).kneighbors(union)[1][:, 1]
    return float((label[nearest] == label).mean())


def torch_fidelity(real, fake):
    """The inception score is of the real features as logits, KID of as many samples of both: one subset holds them all."""
    real, fake = torch.from_numpy(real), torch.from_numpy(fake)
    size = min(len(real), len(fake))
    values = {
        **fid_statistics_to_metric(*map(fid_features_to_statistics, (real, fake)), verbose=False),
        **kid_features_to_metric(real[:size], fake[:size], kid_subsets=1, kid_subset_size=size, verbose=False),
        **isc_features_to_metric(real, splits=5, shuffle=False),
    }
    return {name: float(value) for name, value in values.items() if name != "kernel_inception_distance_std"}


cases = []
for n, m, width, k in [(700, 600, 16, 3), (300, 900, 40, 5), (1100, 1100, 2, 5)]:
    real, fake = samples(n, width, 1), samples(m, width, 2) * 0.9 + 0.1
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(real).kneighbors(fake)[0]
    cases.append({
        "real": n, "fake": m, "width": width, "neighbours": k,
        "frechet": frechet(real, fake),
        "kid": kid(real, fake),
        **{name: float(value) for name, value in compute_prdc(real, fake, k).items()},
        "one_nn": one_nn(real, fake),
        "nearest_mean": float(nearest.mean()),
        "w1_of_feature_0": float(wasserstein_distance(real[:, 0], fake[:, 0])),
        "torch_fidelity": torch_fidelity(real, fake),
    })

versions = {name: version(name) for name in ["numpy", "scipy", "scikit-learn", "prdc", "torch-fidelity"]}
with open(sys.argv[1], "w") as out:
    json.dump({"made_by": "scripts/metric_fixtures.py", "python": platform.python_version(), "versions": versions, "cases": cases}, out, indent=1)
    out.write("\n")
