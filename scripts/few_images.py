#!/usr/bin/env python3
"""Does a GAN of few images get better when its discriminator sees them augmented? The table of docs/augmentation.md.

    python3 scripts/few_images.py RUNNER RESULTS

RESULTS is the folder of experiments/few-images.yaml, swept. Of every kept step of its runs 1,000 samples are measured against the 1,000
held-out digits: a training set of 100 is too small for the floors of `run.evaluate`. Intervals are Student's of 95 % over seeds, of
differences with the same seed at the last step. Needs Python alone; what was measured stays in RESULTS/few-images.json.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from augmentation import verdict


def main():
    runner, results = sys.argv[1], pathlib.Path(sys.argv[2])
    kept = results / "few-images.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    for planned in json.loads((results / "plan.json").read_text())["runs"]:
        if planned["id"] in known:
            continue
        run, config = results / "runs" / planned["id"], planned["config"]
        augmentation = config["model"].get("augmentation") or "none"
        known[planned["id"]] = {
            "count": config["data"]["count"],
            "seed": config["seed"],
            "augmentation": augmentation if isinstance(augmentation, str) else augmentation["kind"],
            "steps": {step: measure(runner, run, step) for step in steps(run)},
        }
        kept.write_text(json.dumps(known, indent=1))
        print(planned["id"], flush=True)
    print(table(list(known.values())))


def steps(run):
    return sorted(int(folder.name.removeprefix("step-")) for folder in (run / "checkpoints").glob("step-*"))


def measure(runner, run, step):
    """`frechet`, `precision` and so on of samples of a checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        samples = pathlib.Path(folder, "samples.npy")
        subprocess.run([runner, "sample", run, "--step", str(step), "--count", "1000", "--out", samples], check=True, capture_output=True)
        command = [runner, "metrics", "mnist-10k:test", samples, "--metrics", "frechet,prdc", "--format", "json"]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {value["name"]: value["value"] for value in answer["values"]}


def table(runs):
    steps = sorted({int(step) for run in runs for step in run["steps"]})
    last, arms = steps[-1], list(dict.fromkeys(run["augmentation"] for run in runs))
    header = ["real digits", "augmentation", *(f"step {step:,}" for step in steps), f"against {arms[0]}", "precision", "recall"]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for count in sorted({run["count"] for run in runs}):
        baseline = of(runs, count, arms[0])
        for arm in arms:
            found = of(runs, count, arm)
            mean = lambda step, name: statistics.mean(values[step][name] for values in found.values())
            differences = [values[last]["frechet"] - baseline[seed][last]["frechet"] for seed, values in found.items()]
            cells = [f"{count:,}", arm, *(f"{mean(step, 'frechet'):.0f}" for step in steps)]
            cells.append("" if arm == arms[0] else verdict(differences, is_low_better=True, digits=0))
            cells += [f"{mean(last, name):.2f}" for name in ("precision", "recall")]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def of(runs, count, augmentation):
    """By seed and step."""
    chosen = [run for run in runs if (run["count"], run["augmentation"]) == (count, augmentation)]
    return {run["seed"]: {int(step): values for step, values in run["steps"].items()} for run in chosen}


if __name__ == "__main__":
    main()
