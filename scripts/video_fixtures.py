"""Numbers of layers, critics and metrics of videos from PyTorch and SciPy.

    "$(scripts/venv.sh metrics)/python" scripts/video_fixtures.py crates/models/tests/fixtures/video.json crates/metrics/tests/fixtures/video.json

All in double precision. Random numbers are multiples of 2^-12, so single precision has them, too.
"""

import json
import sys

import numpy as np
import scipy
import torch
from torch.nn.functional import conv1d, conv2d, leaky_relu


def tensor(numbers):
    numbers = np.asarray(numbers.detach() if isinstance(numbers, torch.Tensor) else numbers, np.float64)
    return {"shape": list(numbers.shape), "data": numbers.ravel().tolist()}


def normal(stream, *shape, scale=1.0):
    return np.round(stream.standard_normal(shape) * scale * 4096) / 4096


def unit(stream):
    """`nn.GRU`, from `[batch, inputs, 1, time]` to `[batch, outputs, 1, time]`."""
    gru = torch.nn.GRU(3, 4, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.copy_(torch.tensor(normal(stream, *parameter.shape, scale=0.7)))
    x = torch.tensor(normal(stream, 2, 3, 1, 5), requires_grad=True)
    y = gru(x[:, :, 0].transpose(1, 2))[0].transpose(1, 2)[:, :, None]
    gradient = torch.tensor(normal(stream, *y.shape))
    names = {"weight": "weight_ih_l0", "bias": "bias_ih_l0", "state_weight": "weight_hh_l0", "state_bias": "bias_hh_l0"}
    parameters = [getattr(gru, name) for name in names.values()]
    of_x, *of_parameters = torch.autograd.grad((y * gradient).sum(), [x, *parameters])
    turned = lambda of: dict(zip(names, (value.T if value.ndim == 2 else value for value in of)))
    return {
        "params": {name: tensor(value) for name, value in turned(parameters).items()},
        "x": tensor(x), "y": tensor(y), "grad_output": tensor(gradient), "grad_x": tensor(of_x),
        "grad_params": {name: tensor(value) for name, value in turned(of_parameters).items()},
    }


FRAMES, SIDE, CHANNELS = 6, 8, 2


def critics(stream):
    """The discriminator `tgan` of two channels on 6 frames of 8 x 8: a logit of each frame, then those of clips."""
    shapes = {}
    for critic in ("frames", "clips"):
        shapes |= {f"{critic}.0.weight": (2, 1, 4, 4), f"{critic}.0.bias": (2,), f"{critic}.1.weight": (4, 2, 4, 4), f"{critic}.1.bias": (4,)}
    shapes |= {"time.0.weight": (4, 4, 5), "time.0.bias": (4,), "time.1.weight": (4, 4, 5), "time.1.bias": (4,)}
    shapes |= {"frames.head.weight": (1, 16), "frames.head.bias": (1,), "clips.head.weight": (1, 4, 4), "clips.head.bias": (1,)}
    params = {name: torch.tensor(normal(stream, *shape, scale=0.3), requires_grad=True) for name, shape in shapes.items()}
    # [batch, frames, rows, columns]
    x = torch.tensor(normal(stream, 3, FRAMES, SIDE, SIDE), requires_grad=True)
    near = []

    def leaky(y):
        near.append(y.abs().min().item())
        return leaky_relu(y, 0.2)

    def seen(critic):
        y = x.reshape(-1, 1, SIDE, SIDE)
        for layer in (0, 1):
            y = leaky(conv2d(y, params[f"{critic}.{layer}.weight"], params[f"{critic}.{layer}.bias"], stride=2, padding=1))
        return y.reshape(3, FRAMES, 4, 4)  # channels, places

    of_frames = seen("frames").reshape(3, FRAMES, 16) @ params["frames.head.weight"].T + params["frames.head.bias"]
    y = seen("clips").permute(0, 3, 2, 1).reshape(12, 4, FRAMES)  # a line of time for each place
    for layer, stride in ((0, 2), (1, 1)):
        y = leaky(conv1d(y, params[f"time.{layer}.weight"], params[f"time.{layer}.bias"], stride=stride, padding=2))
    y = y.reshape(3, 4, 4, 3)  # places, channels, moments
    of_clips = torch.einsum("npcm,cp->nm", y, params["clips.head.weight"][0]) + params["clips.head.bias"]
    logits = torch.cat([of_frames[:, :, 0], of_clips.repeat_interleave(2, 1)], 1)
    weight = torch.tensor(normal(stream, *logits.shape))
    plain = torch.autograd.grad((logits * weight).sum(), list(params.values()), retain_graph=True)
    (gradient,) = torch.autograd.grad(logits.mean(1).sum(), x, create_graph=True)
    penalty = gradient.square().sum()
    of_params = torch.autograd.grad(penalty, list(params.values()), allow_unused=True)
    of_params = [torch.zeros_like(p) if g is None else g for p, g in zip(params.values(), of_params)]
    rows = lambda video: video.reshape(3, 1, FRAMES * SIDE, SIDE)
    return min(near), {
        "params": {name: tensor(value) for name, value in params.items()},
        "x": tensor(rows(x)), "logits": tensor(logits), "weight": tensor(weight),
        "grads": {name: tensor(value) for name, value in zip(params, plain)},
        "input_grad": tensor(rows(gradient)), "penalty": penalty.item(),
        "penalty_grads": {name: tensor(value) for name, value in zip(params, of_params)},
    }


def pooled(frames, side):
    """Block means of `[..., rows, columns]`, whose sides are divisible."""
    *rest, rows, columns = frames.shape
    return frames.reshape(*rest, side, rows // side, side, columns // side).mean((-3, -1)).reshape(*rest, side * side)


def frechet(a, b):
    c, d = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(c @ d).real
    return float(np.square(a.mean(0) - b.mean(0)).sum() + np.trace(c) + np.trace(d) - 2 * np.trace(root))


def clips(count, seed):
    """Of a linear congruential generator in [-1, 1): 16 frames of 8 x 8; a part of each frame stays in the next."""
    state, frames = seed, []
    for _ in range(count * 16 * 64):
        state = (state * 1103515245 + 12345) % 2**31
        frames.append((state >> 16) / 2**14 - 1)
    frames = np.array(frames).reshape(count, 16, 8, 8)
    for at in range(1, 16):
        frames[:, at] = (seed * frames[:, at - 1] + frames[:, at]) / (seed + 1)
    return np.float64(np.float32(frames))


def distances():
    real, fake = clips(150, 1), clips(140, 3)
    fine = [pooled(of, 8) for of in (real, fake)]
    coarse = [pooled(of, 4).reshape(len(of), 8, 2, 16).mean(2).reshape(len(of), 128) for of in (real, fake)]
    return {
        "frames": frechet(*(of.reshape(-1, 64) for of in fine)),
        "differences": frechet(*(np.diff(of, axis=1).reshape(-1, 64) for of in fine)),
        "clips": frechet(*coarse),
    }


models, metrics = sys.argv[1:]
stream = np.random.default_rng(7)
near, critic = critics(stream)
assert near > 1e-5, "a number is so near to the kink that rounding may cross it"
for path, found in ((models, {"gru": unit(stream), "critics": critic}), (metrics, distances())):
    with open(path, "w") as file:
        json.dump(found, file)
        file.write("\n")
