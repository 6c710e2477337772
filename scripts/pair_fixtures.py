"""What scikit-image and PyTorch say of pairs of images, for the metrics and baselines of translations.

    "$(scripts/venv.sh pairs)/python" scripts/pair_fixtures.py crates/metrics/tests/fixtures/pairs.json \
        crates/evaluation/src/baseline/histograms.json

Images are a formula that the tests repeat, so that none need be stored: levels from 0 to 255.
"""

import json
import sys
from importlib.metadata import version

import numpy as np
import torch
import torch.nn.functional as F
from skimage.exposure import match_histograms
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

MS_SSIM_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


def targets(count, channels, height, width):
    i, c, y, x = np.ogrid[:count, :channels, :height, :width]
    return (37 * i + 11 * y + 7 * x + 61 * c + x * y % 23 * 5) % 256


def made(images):
    count, channels, height, width = images.shape
    i, c, y, x = np.ogrid[:count, :channels, :height, :width]
    return np.clip(images + (7 * i + 3 * y + 5 * x + 11 * c) % 41 - 20, 0, 255)


def ms_ssim(target, image, scales):
    """Wang et al. 2003 in PyTorch: Gaussian windows of 11 inside the image, means of 2 x 2 from scale to scale."""
    window = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5**2))
    window = window / window.sum()
    kernel = (window[:, None] * window[None, :])[None, None]
    weights = torch.tensor(MS_SSIM_WEIGHTS[:scales], dtype=torch.float64)
    weights = weights / weights.sum()
    a, b = [torch.tensor(plane, dtype=torch.float64)[:, None] for plane in (target, image)]
    product = torch.ones(len(a), dtype=torch.float64)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    for scale in range(scales):
        if scale:
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
        mean_a, mean_b = F.conv2d(a, kernel), F.conv2d(b, kernel)
        var_a, var_b = F.conv2d(a * a, kernel) - mean_a**2, F.conv2d(b * b, kernel) - mean_b**2
        both = F.conv2d(a * b, kernel) - mean_a * mean_b
        contrast = (2 * both + c2) / (var_a + var_b + c2)
        whole = contrast * (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
        factor = (whole if scale + 1 == scales else contrast).mean((1, 2, 3))
        product = product * factor.clamp(min=0) ** weights[scale]
    return float(product.mean())


def pairs(shape, scales):
    target = targets(3, *shape)
    image = made(target)
    ssim = lambda a, b: structural_similarity(
        a, b, data_range=255, channel_axis=0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    both = list(zip(target.astype(float), image.astype(float)))
    return {
        "shape": shape,
        "l1": float(F.l1_loss(torch.tensor(image / 255), torch.tensor(target / 255))),
        "psnr": float(np.mean([peak_signal_noise_ratio(a, b, data_range=255) for a, b in both])),
        "ssim": float(np.mean([ssim(a, b) for a, b in both])),
        "ms_ssim": float(np.mean([ms_ssim(a, b, scales) for a, b in both])),
    }


def partners():
    """Ranks by torch.cdist, of features that are a formula, too."""
    i, j = np.ogrid[:12, :5]
    true = ((i * 17 + j * j * 29) % 31).astype(float)
    found = true + (i * 13 + j * 7) % 19 - 9.0
    distances = torch.cdist(torch.tensor(found), torch.tensor(true))
    own = distances.diagonal()
    nearer = (distances < own[:, None] - 1e-12).sum(1)
    as_near = ((distances - own[:, None]).abs() <= 1e-12).sum(1) - 1
    return {
        "distance": float(own.mean()),
        "rank": float(((nearer.double() + as_near.double() / 2) / 11).mean()),
        "found": float(((nearer == 0) & (as_near == 0)).double().mean()),
    }


def histograms():
    """The images of `made` with the histogram of all targets, channel by channel."""
    target = targets(4, 3, 9, 7)
    image = made(targets(2, 3, 9, 7) // 2)
    reference = target.transpose(1, 0, 2, 3).reshape(3, -1, 7)
    matched = [match_histograms(one, reference, channel_axis=0) for one in image.astype(float)]
    return {"scikit-image": version("scikit-image"), "matched": [round(float(value), 6) for value in np.ravel(matched)[::5]]}


if __name__ == "__main__":
    metrics, baselines = sys.argv[1:]
    versions = {name: version(name) for name in ("numpy", "scikit-image", "torch")}
    cases = [pairs((3, 32, 32), 2), pairs((1, 24, 40), 2), pairs((3, 11, 17), 1)]
    with open(metrics, "w") as file:
        json.dump({"versions": versions, "pairs": cases, "partners": partners()}, file, indent=1)
        file.write("\n")
    with open(baselines, "w") as file:
        json.dump(histograms(), file)
        file.write("\n")
