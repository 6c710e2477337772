#!/usr/bin/env python3
"""Trains a small run, exports its weights, and has PyTorch make the last sample grid with the example of docs/weights.md.

    "$(scripts/venv.sh weights)/python" scripts/check_weights.py [path of the program]
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from PIL import Image

EXPERIMENT = """
name: weights
run:
  model: { preset: dcgan }
  train: { steps: 20, batch_size: 16 }
  sample: { every: 0, count: 64 }
"""


def main():
    root = Path(__file__).resolve().parent.parent
    program = Path(sys.argv[1] if len(sys.argv) > 1 else root / "target/release/runner").resolve()
    example = re.search(r"## Tensors.*?```python\n(.*?)```", (root / "docs/weights.md").read_text(), re.S)[1]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "weights.yaml").write_text(EXPERIMENT)
        for command in (["sweep", "weights.yaml", "-q"], ["export", "dcgan-s0", "--weights", "gan.safetensors"]):
            subprocess.run([program, *command], cwd=folder, check=True)
        subprocess.run([sys.executable, "-c", example], cwd=folder, check=True)
        ours = next(folder.glob("results/weights/runs/*/samples/step-000020.png"))
        ours, theirs = (numpy.asarray(Image.open(path)).astype(int) for path in (ours, folder / "grid.png"))
    distance = abs(ours - theirs)
    print(f"{ours.shape[1]} x {ours.shape[0]} pixels, largest difference {distance.max()}, {(distance > 0).sum()} differ")
    if distance.max() > 1:
        sys.exit("the grids differ")


if __name__ == "__main__":
    main()
