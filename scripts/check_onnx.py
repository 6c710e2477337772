#!/usr/bin/env python3
"""Trains a few steps of every preset, and of a network of all other layers, and has onnxruntime make the samples of the runs'
grids with the exported generators.

    "$(scripts/venv.sh onnx)/python" scripts/check_onnx.py [path of the program]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import onnxruntime
from safetensors.numpy import load_file

# What no preset has: windows that are not square, paddings of many sizes, layers that see the batch.
LAYERS = """
name: layers
run:
  data: { name: mnist-10k }
  model:
    generator:
      layers:
        - dense: 392
        - maxout: 2
        - reshape: [4, 7, 7]
        - layer_norm
        - conv_transpose: { channels: 6, kernel: [3, 2], stride: [3, 2], padding: 0 }     # [21, 14]
        - conv_transpose: { channels: 6, kernel: [4, 5], stride: 1, padding: [1, 2], bias: false }
        - batch_norm: { epsilon: 0.001 }
        - leaky_relu: { slope: 0.3, gain: 1.5 }
        - fit: [28, 10]
        - instance_norm
        - reflect: [1, 0]
        - fit: [28, 10]
        - residual: [{ conv: { channels: 6, kernel: [5, 3] } }, relu]
        - skip: [{ conv: { channels: 2, kernel: 4 } }, sigmoid]
        - self_attention
        - upsample: [1, 3]
        - average_pool: [2, 1]
        - smooth_pool: [1, 2]
        - minibatch_deviation
        - conv: { channels: 4, kernel: 3, stride: [1, 2] }
        - scale: 0.5
        - minibatch_discrimination: { kernels: 3 }
        - dense: 784
        - reshape: [1, 28, 28]
        - tanh
    discriminator: { layers: [flatten, { dense: 1 }] }
  train: { steps: 3, batch_size: 8 }
  sample: { every: 0, count: 12 }
"""


def difference(model, grid):
    """The largest between what the model and the run make of the grid's input; in parts, so that the batch is seen to be free."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    output = grid.pop("output")
    names = {given.name for given in session.get_inputs()}
    if names != set(grid):
        raise ValueError(f"its inputs are {sorted(names)}, the grid's {sorted(grid)}")
    made = session.run(["samples"], grid)[0]
    first = session.run(["samples"], {name: numbers[:4] for name, numbers in grid.items()})[0]
    if made.shape != output.shape or len(first) != 4:
        raise ValueError(f"{made.shape} and {len(first)} samples, not {output.shape} and 4")
    return numpy.abs(made - output).max()


def main():
    root = Path(__file__).resolve().parent.parent
    program = Path(sys.argv[1] if len(sys.argv) > 1 else root / "target/release/runner").resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "layers.yaml").write_text(LAYERS)
        for sweep in ([root / "experiments/smoke.yaml", "--set", "train.steps=3"], [folder / "layers.yaml"]):
            subprocess.run([program, "sweep", *sweep, "-q"], cwd=folder, check=True)
        plans = [json.loads((folder / "results" / name / "plan.json").read_text()) for name in ("smoke", "layers")]
        failed = []
        for run in (run["id"] for plan in plans for run in plan["runs"]):
            target, model = folder / run, folder / f"{run}.onnx"
            for form in (["--python", target], ["--onnx", model]):
                subprocess.run([program, "export", run, *form], cwd=folder, check=True, capture_output=True)
            file = load_file(target / "generator.safetensors")
            grid = {name.removeprefix("sample."): numbers for name, numbers in file.items() if name.startswith("sample.")}
            try:
                distance = difference(model, grid)
                print(f"{run}: largest difference {distance:.1e}")
            except Exception as error:
                distance = numpy.inf
                print(f"{run}: {error}")
            failed += [] if distance < 1e-4 else [run]
    if failed:
        sys.exit(f"not the run's generators: {', '.join(failed)}")


if __name__ == "__main__":
    main()
