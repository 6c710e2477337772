"""The same work by the project's own binary: its log holds the time of every five steps, with all that the loop does.

Five, because a step that is logged measures gradients as well, which the peers do not.
"""

import json
import pathlib
import statistics
import tempfile

import processes

EVERY = 5
RUN = """
name: peers
run:
  model: {{ preset: {model} }}
  train: {{ steps: {steps}, batch_size: 64, average: none, precision: {precision} }}
  sample: {{ every: 0, count: 16 }}
  checkpoint: {{ every: 0 }}
  log: {{ every: {every} }}
execution: {{ devices: cpu, jobs: {jobs}, threads: {threads} }}
"""


def sweep(runner, model, steps, jobs, threads, more="", precision="f32"):
    """Milliseconds of a step in each five of each run, seconds of the command, MiB of its processes."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "peers.yaml")
        settings = dict(model=model, steps=steps, every=EVERY, jobs=jobs, threads=threads, precision=precision)
        file.write_text(RUN.format(**settings) + more)
        _, seconds, memory = processes.run([runner, "sweep", file, "--results", folder, "--quiet"])
        runs = [milliseconds(log) for log in pathlib.Path(folder, "peers", "runs").glob("*/events.jsonl")]
    assert all(len(run) == steps // EVERY for run in runs) and runs, runs
    return runs, seconds, memory


def milliseconds(log):
    events = map(json.loads, log.read_text().splitlines())
    scalars = (event["values"] for event in events if event["event"] == "scalars")
    return [64e3 / values["speed/images_per_second"] for values in scalars]


def step(runner, model, steps, threads, precision):
    """Median milliseconds, after five steps that do not count; MiB."""
    [run], _, memory = sweep(runner, model, steps + EVERY, 1, threads, precision=precision)
    return statistics.median(run[1:]), memory
