"""Numbers of the layers for sounds from PyTorch and SciPy, for crates/models/tests/fixtures/sounds.json.

    "$(scripts/venv.sh metrics)/python" scripts/sound_layer_fixtures.py crates/models/tests/fixtures/sounds.json

All in double precision. Random numbers are multiples of 2^-12, so single precision has them, too. Phase shuffle takes the distances
that the tests' streams draw; the tests compare those as well.
"""

import json
import sys

import numpy as np
import scipy
import torch
from torch.nn.functional import conv1d, leaky_relu, linear

# What `Stream` draws for seed 1, purpose `phase_shuffle/test/0`, update 0: a radius of 2, a batch of 4.
DISTANCES = [2, -1, -1, -1]


def tensor(numbers):
    numbers = np.asarray(numbers, np.float64)
    return {"shape": list(numbers.shape), "data": numbers.ravel().tolist()}


def normal(stream, *shape, scale=1.0):
    return np.round(stream.standard_normal(shape) * scale * 4096) / 4096


def mirrored(x, distance):
    """`x` `[channels, length]` moved to the right by reflection at the ends, as WaveGAN's program does it with `tf.pad`."""
    length = x.shape[1]
    if distance >= 0:
        return np.pad(x, ((0, 0), (distance, 0)), "reflect")[:, :length]
    return np.pad(x, ((0, 0), (0, -distance)), "reflect")[:, -length:]


def shuffled(x, distances):
    """The same by places, so that PyTorch differentiates it; checked against `numpy.pad`."""
    length = x.shape[2]
    places = torch.from_numpy(np.array([mirrored(np.arange(length)[None], distance)[0] for distance in distances]))
    y = x.gather(2, places[:, None].expand_as(x))
    for sample, distance in enumerate(distances):
        assert np.array_equal(y[sample].detach().numpy(), mirrored(x[sample].detach().numpy(), distance))
    return y


def critic(stream):
    """Two convolutions of 25 samples and stride 4 with padding 11, phase shuffle between them, and WGAN-GP's penalty."""
    shapes = {"0.weight": (3, 1, 25), "0.bias": (3,), "1.weight": (4, 3, 25), "1.bias": (4,), "2.weight": (1, 20), "2.bias": (1,)}
    params = {name: torch.tensor(normal(stream, *shape, scale=0.3), requires_grad=True) for name, shape in shapes.items()}
    x = torch.tensor(normal(stream, 4, 1, 80), requires_grad=True)
    y, near = x, []
    for layer in (0, 1):
        y = shuffled(y, DISTANCES) if layer == 1 else y
        y = conv1d(y, params[f"{layer}.weight"], params[f"{layer}.bias"], stride=4, padding=11)
        near.append(y.abs().min().item())
        y = leaky_relu(y, 0.2)
    d = linear(y.flatten(1), params["2.weight"], params["2.bias"])[:, 0]
    (gradient,) = torch.autograd.grad(d.sum(), x, create_graph=True)
    penalty = 10 * (gradient.square().sum((1, 2)).sqrt() - 1).square().mean()
    of_params = torch.autograd.grad(penalty, list(params.values()), allow_unused=True)
    found = {name: torch.zeros_like(params[name]) if g is None else g for name, g in zip(params, of_params)}
    return min(near), {
        "params": {name: tensor(value.detach()) for name, value in params.items()},
        "x": tensor(x.detach().reshape(4, 1, 1, 80)),
        "d": tensor(d.detach()),
        "input_grad": tensor(gradient.detach().reshape(4, 1, 1, 80)),
        "penalty": penalty.item(),
        "param_grads": {name: tensor(value) for name, value in found.items()},
    }


HANN = scipy.signal.get_window("hann", 256)
CENTRED = (-1.0) ** np.arange(129)


def transform(x):
    """`[windows, 129]`, phases at the windows' centres."""
    *_, z = scipy.signal.stft(x, window=HANN, nperseg=256, noverlap=128, boundary="zeros", padded=True)
    return (z * HANN.sum() * CENTRED[:, None]).T[: -(-len(x) // 128)]


def inverse(z, length):
    """Griffin and Lim's equation 6, by NumPy's FFT."""
    frames = np.fft.irfft(z * CENTRED, axis=1) * HANN
    y, squares = np.zeros(128 * len(z) + 128), np.zeros(128 * len(z) + 128)
    for at, frame in enumerate(frames):
        y[128 * at : 128 * at + 256] += frame
        squares[128 * at : 128 * at + 256] += HANN**2
    return (y / np.maximum(squares, 0.5))[128 : 128 + length]


def without_last(z):
    """Half the rate is left out."""
    z = z.copy()
    z[:, -1] = 0
    return z


def griffin_lim(magnitudes, length):
    z = magnitudes.astype(complex)
    for _ in range(16):
        estimate = without_last(transform(inverse(z, length)))
        z = magnitudes * estimate / np.maximum(np.abs(estimate), 1e-8)
    return inverse(z, length)


def spectrum(stream):
    length = 600
    at = np.arange(length)
    x = np.round((np.sin(at * 0.2) * np.exp(-at / 200) + 0.2 * stream.standard_normal(length)) * 4096) / 4096
    z = transform(x)
    # SciPy's own inverse, where two windows overlap.
    _, back = scipy.signal.istft(z.T / HANN.sum() * CENTRED[:, None], window=HANN, nperseg=256, noverlap=128)
    assert np.allclose(inverse(z, length)[:512], back[:512]) and np.allclose(back[:512], x[:512])
    kept = without_last(z)
    magnitudes = np.abs(kept)
    made = griffin_lim(magnitudes, length)
    estimate = np.abs(transform(made)[:, :-1])
    error = np.linalg.norm(estimate - magnitudes[:, :-1]) / np.linalg.norm(magnitudes)
    return {
        "x": tensor(x),
        "real": tensor(kept.real[:, :-1].T),
        "imaginary": tensor(kept.imag[:, :-1].T),
        "inverse": tensor(inverse(kept, length)),
        "griffin_lim": tensor(made),
        "error": error,
    }


def main():
    stream = np.random.default_rng(26)
    x = torch.tensor(normal(stream, 4, 3, 9), requires_grad=True)
    by = torch.tensor(normal(stream, 4, 3, 9))
    y = shuffled(x, DISTANCES)
    (gradient,) = torch.autograd.grad((y * by).sum(), x)
    shuffle = {name: tensor(value.detach().reshape(4, 3, 1, 9)) for name, value in (("x", x), ("grad_output", by), ("y", y), ("grad_x", gradient))}
    # No kink of a leaky ReLU is so near that single precision might take the other side.
    near, of_critic = 0, None
    while near < 1e-3:
        near, of_critic = critic(stream)
    made = {
        "made_by": f"scripts/sound_layer_fixtures.py: numpy {np.__version__}, scipy {scipy.__version__}, torch {torch.__version__.split('+')[0]}",
        "distances": DISTANCES,
        "phase_shuffle": shuffle,
        "critic": of_critic,
        "spectrum": spectrum(stream),
    }
    with open(sys.argv[1], "w") as file:
        json.dump(made, file)
        file.write("\n")


if __name__ == "__main__":
    main()
