#!/usr/bin/env python3
"""Keeps what a sweep measured as a reference: small enough to commit, whole enough for `runner report`.

    keep_reference.py SWEEP [NAME]

Copies SWEEP's plan and records to `results/reference/NAME` (its own name, if none is given), without pictures,
distributions, checkpoints, machine names, and all but the last losses of each run; `scripts/check_reference.sh --update`
then writes its table and its CSV. Takes the place of an older reference of that name.
"""

import argparse
import json
import pathlib
import shutil

REFERENCES = pathlib.Path(__file__).resolve().parent.parent / "results" / "reference"
KEPT = ["format", "started", "evaluation", "warning", "times", "ended"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=pathlib.Path)
    parser.add_argument("name", nargs="?")
    arguments = parser.parse_args()
    plan = json.loads((arguments.sweep / "plan.json").read_text())
    target = REFERENCES / (arguments.name or plan["sweep"])
    readme = (target / "README.md").read_text() if (target / "README.md").exists() else None
    shutil.rmtree(target, ignore_errors=True)
    for run in plan["runs"]:
        keep(arguments.sweep / "runs" / run["id"], target / "runs" / run["id"])
    (target / "plan.json").write_text(json.dumps(plan) + "\n")
    if readme is not None:
        (target / "README.md").write_text(readme)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"{target.relative_to(REFERENCES.parent.parent)}: {len(plan['runs'])} runs, {size / 1024:.0f} KiB")


def keep(run: pathlib.Path, target: pathlib.Path) -> None:
    target.mkdir(parents=True)
    for log in run.glob("events*.jsonl"):
        events = list(parsed(log))
        last = [event for event in events if event["event"] == "scalars"][-1:]
        lines = [json.dumps(event, separators=(",", ":")) for event in events if event["event"] in KEPT or event in last]
        (target / log.name).write_text("".join(line + "\n" for line in lines))
    if (run / "evaluations.jsonl").exists():
        evaluations = [event | {"host": ""} for event in parsed(run / "evaluations.jsonl")]
        (target / "evaluations.jsonl").write_text("".join(json.dumps(event, separators=(",", ":")) + "\n" for event in evaluations))
    if (run / "provenance.json").exists():
        provenance = json.loads((run / "provenance.json").read_text()) | {"host": ""}
        (target / "provenance.json").write_text(json.dumps(provenance) + "\n")


def parsed(log: pathlib.Path):
    for line in log.read_bytes().split(b"\n"):
        try:
            yield json.loads(line)
        except ValueError:
            pass  # Cut or empty.


if __name__ == "__main__":
    main()
