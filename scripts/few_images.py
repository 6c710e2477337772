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
    steps = sorted(set.intersection(*(set(map(int, run["steps"])) for run in runs)))
    lines = ["| real digits | augmentation | " + " | ".join(f"step {step:,}" for step in steps) + " | against none | precision | recall |"]
    lines.append("|" + "---|" * (5 + len(steps)))
    arms = list(dict.fromkeys(run["augmentation"] for run in runs))
    for count in sorted({run["count"] for run in runs}):
        for arm in arms:
            of = {run["seed"]: {int(step): values for step, values in run["steps"].items()} for run in runs if (run["count"], run["augmentation"]) == (count, arm)}
            mean = lambda name, step: statistics.mean(values[step][name] for values in of.values())
            if arm == arms[0]:
                baseline = of
            differences = [values[steps[-1]]["frechet"] - baseline[seed][steps[-1]]["frechet"] for seed, values in of.items()]
            cells = [f"{mean('frechet', step):.0f}" for step in steps]
            cells += ["" if arm == arms[0] else verdict(differences, is_low_better=True, digits=0)]
            cells += [f"{mean(name, steps[-1]):.2f}" for name in ("precision", "recall")]
            lines.append(f"| {count:,} | {arm} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
