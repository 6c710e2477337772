#!/usr/bin/env python3
"""Does it help a classifier of n real samples to learn from a GAN's, too? The table of docs/augmentation.md.

    python3 scripts/augmentation.py RUNNER RESULTS [--updates N] [--per-class N]

RESULTS is the folder of experiments/augmentation.yaml, swept. For each of its runs, `runner augment` writes generated samples, and
`runner classify` trains classifiers with equally many updates on the run's own training data: as they are, shifted ("classical"), half of
each batch generated ("GAN"), and both. They are asked of what is held out. Draws of the data are what is repeated: intervals are
Student's of 95 % over draws, of differences on the same draw. Needs Python alone; what was measured stays in RESULTS/augmentation.json.
"""

import argparse
import json
import math
import pathlib
import statistics
import subprocess

# Two-sided 95 % quantiles of Student's distribution, by degrees of freedom.
STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

ARMS = {"none": (0, False), "classical": (2, False), "GAN": (0, True), "both": (2, True)}
QUESTIONS = [("classical", "none"), ("GAN", "none"), ("both", "classical")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runner")
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--updates", type=int, default=600)
    parser.add_argument("--per-class", type=int, default=500)
    options = parser.parse_args()

    def runner(*words):
        words = [options.runner, *map(str, words), "--format", "json"]
        return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

    kept = options.results / "augmentation.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    made = options.results / "augmentation"
    plan = json.loads((options.results / "plan.json").read_text())
    for planned in plan["runs"]:
        identity, data = planned["id"], planned["config"]["data"]
        if identity in known:
            continue
        run = options.results / "runs" / identity
        generated = made / identity
        runner("augment", run, generated, "--count", options.per_class, "--per-class")
        found = {}
        for arm, (shift, with_generated) in ARMS.items():
            learned = [run, generated] if with_generated else [run]
            answer = runner("classify", *learned, "--test", f"{run}:test", "--shift", shift, "--seeds", 1, "--updates", options.updates)
            found[arm] = answer["mean"]
        known[identity] = {"count": data["count"], "draw": data.get("draw", 0), "accuracy": found}
        kept.write_text(json.dumps(known, indent=1))
        print(identity, {arm: f"{value:.3f}" for arm, value in found.items()}, flush=True)
    print(table(list(known.values())))


def table(runs):
    lines = ["| real digits | " + " | ".join([*ARMS, *(f"{arm} - {other}" for arm, other in QUESTIONS)]) + " |"]
    lines.append("|" + "---|" * (1 + len(ARMS) + len(QUESTIONS)))
    for count in sorted({run["count"] for run in runs}):
        of_count = [run["accuracy"] for run in runs if run["count"] == count]
        cells = [f"{statistics.mean(accuracy[arm] for accuracy in of_count):.3f}" for arm in ARMS]
        cells += [verdict([accuracy[arm] - accuracy[other] for accuracy in of_count]) for arm, other in QUESTIONS]
        lines.append("| " + " | ".join([f"{count:,}", *cells]) + " |")
    return "\n".join(lines)


def verdict(differences, is_low_better=False, digits=3):
    """Mean and interval of the differences, and what they say."""
    mean = statistics.mean(differences)
    if len(differences) < 2:
        return f"{mean:+.{digits}f}, not repeated"
    half = STUDENT[min(len(differences) - 2, len(STUDENT) - 1)] * statistics.stdev(differences) / math.sqrt(len(differences))
    gain = -mean if is_low_better else mean
    word = "better" if gain > half else "worse" if gain < -half else "open"
    return f"{mean:+.{digits}f} ± {half:.{digits}f}, {word}"


if __name__ == "__main__":
    main()
