#!/usr/bin/env python3
"""Installs the package of `python/` beside nothing of the clone and reads small sweeps with it; runs the notebook on one of them.

    "$(scripts/venv.sh weights)/python" scripts/check_package.py [path of the program]

`--notebook RESULTS` runs the notebook on the folder of results that holds `lr`, and keeps what it shows.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy
import pandas
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "python/example.ipynb"

SWEEPS = {
    "lr": """
name: lr
run:
  data: { name: mnist-10k }
  model: { preset: mlp }
  train: { steps: 20, batch_size: 8 }
  sample: { every: 10, count: 16 }
  evaluate: { every: 10, count: 100, metrics: [frechet] }
  log: { every: 5 }
sweep: { grid: { train.*.lr: [1.0e-4, 1.0e+30] } }
""",
    "ring": """
name: ring
run:
  data: { name: ring-8 }
  model: { preset: mlp, generator: { output: linear } }
  train: { steps: 10, batch_size: 8 }
  sample: { every: 10, count: 16 }
""",
}


def check(program, folder):
    from runner_results import RunnerError, load

    both = load(folder / "results/lr", folder / "results/ring", program=program)
    plans = [json.loads((folder / "results" / name / "plan.json").read_text()) for name in SWEEPS]
    ids = [run["id"] for plan in plans for run in plan["runs"]]
    assert list(both.runs.index) == ids, both.runs
    survived, lost, ring = ids
    assert list(both.runs["status"]) == ["done", "diverged", "done"], both.runs["status"]
    assert both.runs.loc[survived, "train.generator.lr"] == 1e-4 and both.runs.loc[lost, "train.steps"] == 20
    losses = both.runs["metrics.loss/generator"]
    assert losses.dtype == float and math.isfinite(losses[survived]), losses

    # Beside the record itself, read without the program.
    events = (folder / "results/lr/runs" / survived / "events.jsonl").read_text().splitlines()
    scalars = [event for event in map(json.loads, events) if event["event"] == "scalars"]
    recorded = {event["step"]: event["values"]["loss/generator"] for event in scalars if "loss/generator" in event["values"]}
    curve = both.curves.query("run == @survived and name == 'loss/generator'").set_index("step")["value"]
    assert recorded and dict(curve) == recorded, (curve, recorded)
    assert set(both.curves["run"]) == set(ids) and both.curves["value"].dtype == float

    file = folder / "curves.parquet"
    subprocess.run([program, "export", *both.folders, "--curves", "--out", file], check=True, capture_output=True)
    pandas.testing.assert_frame_equal(pandas.read_parquet(file), both.curves)

    grids = both.samples(survived)
    assert list(grids) == [10, 20] and grids[20].size == (112, 112), grids
    generator = both.generator(survived)
    images = generator(**generator.grid).detach().numpy()
    grid = images.reshape(4, 4, 28, 28).transpose(0, 2, 1, 3).reshape(112, 112)
    pixels = (numpy.asarray(grids[20].convert("L"), dtype=float) / 127.5) - 1
    assert numpy.abs(grid - pixels).max() < 1 / 127, numpy.abs(grid - pixels).max()
    assert tuple(both.generator(ring).sample(5).shape) == (5, 2)
    assert not numpy.allclose(both.generator(survived, step=20).grid_output, 0)

    for wrong, error, words in [
        (lambda: both.samples("nobody"), LookupError, "begins the id of no run"),
        (lambda: both.samples("mlp"), LookupError, "begins the ids of 3 runs"),
        (lambda: both.generator(lost, step=7), RunnerError, "checkpoint"),
        (lambda: load(folder / "nowhere", program=program), RunnerError, "nowhere"),
        (lambda: load(folder / "results/lr", program=folder / "nobody"), RunnerError, "nobody cannot be started"),
    ]:
        try:
            wrong()
        except error as found:
            assert words in str(found), found
        else:
            raise AssertionError(f"no {error.__name__} with `{words}`")


def run_notebook(root):
    """Runs it in the folder `python` of `root`, beside `results`: notebooks start in their own folder."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    folder = root / NOTEBOOK.parent.name
    folder.mkdir(exist_ok=True)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("program", nargs="?", type=Path, default=ROOT / "target/release/runner")
    options.add_argument("--notebook", type=Path, metavar="RESULTS")
    options = options.parse_args()
    program = options.program.resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        site = folder / "site"
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", site]
        subprocess.run([*pip, ROOT / "python"], check=True)
        sys.path.insert(0, str(site))
        # The notebook's kernel is a process of its own.
        os.environ["PYTHONPATH"] = str(site)
        os.environ["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        if options.notebook:
            notebook = run_notebook(options.notebook.resolve().parent)
            for cell in notebook.cells:
                # Times, and second copies of pictures.
                cell.metadata.pop("execution", None)
                for output in cell.get("outputs", []):
                    output.get("data", {}).pop("image/jpeg", None)
            nbformat.write(notebook, NOTEBOOK)
            return
        for name, text in SWEEPS.items():
            (folder / f"{name}.yaml").write_text(text)
            subprocess.run([program, "sweep", f"{name}.yaml", "-q"], cwd=folder, check=True)
        check(program, folder)
        print("the package reads what the runs have recorded")
        cells = [cell for cell in run_notebook(folder).cells if cell.cell_type == "code"]
        assert all(cell.outputs for cell in cells), "a cell shows nothing"
        print(f"{NOTEBOOK.name}: {len(cells)} cells run")


if __name__ == "__main__":
    main()
