#!/usr/bin/env python3
"""Trains a few steps of every preset and has PyTorch make the same samples with the exported generators.

    "$(scripts/venv.sh weights)/python" scripts/check_python.py [path of the program]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


# A generator draws its own latent input; a translator is given samples.
USE = """
import torch, generator
made = generator.Generator()
source = getattr(generator, "SOURCE", None)
samples = made(torch.zeros(5, *source)) if source else made.sample(5, seed=1)
print(tuple(samples.shape))
"""


def main():
    root = Path(__file__).resolve().parent.parent
    program = Path(sys.argv[1] if len(sys.argv) > 1 else root / "target/release/runner").resolve()
    with tempfile.TemporaryDirectory() as folder:
        command = ["sweep", root / "experiments/smoke.yaml", "-q", "--set", "train.steps=3"]
        subprocess.run([program, *command], cwd=folder, check=True)
        runs = json.loads((Path(folder) / "results/smoke/plan.json").read_text())["runs"]
        failed = []
        for run in runs:
            target = Path(folder) / run["id"]
            export = [program, "export", run["id"], "--python", target]
            subprocess.run(export, cwd=folder, check=True, capture_output=True)
            checked = subprocess.run([sys.executable, target / "generator.py"], capture_output=True, text=True)
            print(run["id"], checked.stdout.strip() or checked.stderr.strip())
            used = subprocess.run([sys.executable, "-c", USE], cwd=target, capture_output=True, text=True)
            print(" ", used.stdout.strip() or used.stderr.strip())
            failed += [run["id"]] if checked.returncode or used.returncode else []
    if failed or not runs:
        sys.exit(f"not the run's generators: {', '.join(failed)}")


if __name__ == "__main__":
    main()
