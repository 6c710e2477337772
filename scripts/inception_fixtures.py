"""Features of pytorch-fid's Inception network, for crates/features/src/inception/published.json, and its distance of two folders.

    "$(scripts/venv.sh inception)/python" scripts/inception_fixtures.py features crates/features/src/inception/published.json
    "$(scripts/venv.sh inception)/python" scripts/inception_fixtures.py distance target/release/runner

Weights and pictures are whole numbers by a formula that the tests repeat, so that none need be stored. `distance` takes
minutes: 2,100 pictures in each folder, random weights, the same for both programs.
"""

import json
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from PIL import Image
from pytorch_fid import inception

EVERY = 16
PICTURES = [("colours", 3, 40, 52), ("grey", 1, 28, 28)]


def uniform(name, count):
    """Numbers in [0, 1): a hash of the index, mixed with one of the name (FNV-1a)."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    bits = (np.arange(count, dtype=np.uint64) * 2654435761 + seed) & 0xFFFFFFFF
    for _ in range(2):
        bits = ((bits ^ (bits >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
    return (bits ^ (bits >> 16)) / 2**32


def weight(name, shape):
    """Kernels as wide as He et al. 2015 make them, statistics and scales in [0.5, 1.5), shifts and means in ±0.2."""
    values = uniform(name, int(np.prod(shape)))
    kind = name.rsplit(".", 1)[-1]
    if name.endswith(".conv.weight"):
        values = (2 * values - 1) * np.sqrt(6 / np.prod(shape[1:]))
    elif kind in ("weight", "running_var"):
        values = 0.5 + values
    else:
        values = 0.4 * values - 0.2
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def picture(channels, height, width):
    """Slopes that wrap around, in whole steps of 1/255."""
    channel, row, column = np.ogrid[:channels, :height, :width]
    return (row * (3 + 2 * channel) + column * 5 + row * column // 4) % 256 / 255


def network(state):
    """pytorch-fid's, with these weights in place of the published ones; `state` of a fresh network makes them."""
    with mock.patch.object(inception, "load_state_dict_from_url", lambda *_, **__: state):
        with mock.patch.object(torch.nn.Module, "load_state_dict", lambda own, given: load(own, given(own.state_dict()))):
            return inception.InceptionV3([3]).eval()


load = torch.nn.Module.load_state_dict


def features(out):
    is_used = lambda name: not name.startswith("fc.") and not name.endswith("num_batches_tracked")
    by_formula = lambda state: {name: weight(name, old.shape) if is_used(name) else old for name, old in state.items()}
    model, cases = network(by_formula), []
    for name, *shape in PICTURES:
        image = torch.from_numpy(picture(*shape).astype(np.float32))[None].expand(-1, 3, -1, -1)
        with torch.no_grad():
            found = model(image)[0].flatten().double()
        cases.append({"name": name, "shape": shape, "mean": found.mean().item(), "features": [round(x, 6) for x in found[::EVERY].tolist()]})
    versions = {name: version(name) for name in ["numpy", "torch", "torchvision", "pytorch-fid"]}
    made = {"made_by": "scripts/inception_fixtures.py", "python": platform.python_version(), "versions": versions}
    Path(out).write_text(json.dumps({**made, "every": EVERY, "cases": cases}) + "\n")


def distance(program, count=2100):
    program = Path(program).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder, random = Path(folder), np.random.default_rng(0)
        for name, spread in [("real", 40), ("fake", 60)]:
            (folder / name).mkdir()
            for index in range(count):
                coarse = random.normal(128, spread, (4, 4, 3)).clip(0, 255).astype(np.uint8)
                Image.fromarray(coarse).resize((32, 32), Image.BICUBIC).save(folder / name / f"{index:05}.png")
        torch.manual_seed(0)
        kept = {}

        def drawn(state):
            for name, old in state.items():
                draw = torch.randn(old.shape)
                if name.endswith(".conv.weight"):
                    old = draw * (2 / old[0].numel()) ** 0.5
                elif ".bn." in name and old.is_floating_point():
                    old = 1 + 0.2 * draw.clamp(-2, 2) if name.endswith(("weight", "running_var")) else 0.1 * draw
                kept[name] = old
            return kept

        model = network(drawn)
        torch.save(kept, folder / "weights.pth")
        theirs = published(model, folder)
        line = [program, "metrics", "real", "fake", "--metrics", "frechet", "--inception", "weights.pth", "--format", "json"]
        found = subprocess.run(line, cwd=folder, check=True, capture_output=True, text=True)
    ours = json.loads(found.stdout)["values"][0]["value"]
    print(f"pytorch-fid {theirs:.6g}, runner {ours:.6g}, {abs(ours / theirs - 1):.2e} apart")
    if abs(ours / theirs - 1) > 1e-2:
        sys.exit("the distances differ")


def published(model, folder):
    from pytorch_fid import fid_score

    files = lambda name: sorted((folder / name).glob("*.png"))
    moments = [fid_score.calculate_activation_statistics(files(name), model, 50, 2048, "cpu", 2) for name in ("real", "fake")]
    return float(fid_score.calculate_frechet_distance(*moments[0], *moments[1]))


if __name__ == "__main__":
    {"features": features, "distance": distance}[sys.argv[1]](sys.argv[2])
