#!/usr/bin/env python3
"""Opens a built report in a real TensorBoard and compares what it serves with the sweep's plan and records.

    check_tensorboard.py LOGDIR PLAN

LOGDIR is the sweep's `tensorboard/`, PLAN its `plan.json`; the run folders lie in `runs/` beside the plan. Starts
TensorBoard (of `requirements/report.txt`) on a free loopback port, stops it again, and exits with 1 and a
line for each difference if there is one.
"""

import argparse
import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SAMPLES = "samples"
# What TensorBoard calls one of them.
PARTS = {"images": "individualImage", "audio": "individualAudio"}
# TensorBoard keeps a random part of longer series.
MOST_POINTS = 1000
LOAD_SECS = 90
STATUSES = {"done": "STATUS_SUCCESS", "diverged": "STATUS_FAILURE", "collapsed": "STATUS_FAILURE", "failed": "STATUS_FAILURE", "timed-out": "STATUS_FAILURE"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir", type=pathlib.Path)
    parser.add_argument("plan", type=pathlib.Path)
    arguments = parser.parse_args()
    expected = [Expected(arguments.plan.parent, run) for run in json.loads(arguments.plan.read_text())["runs"]]

    port = free_port()
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(arguments.logdir), "--host", "127.0.0.1"]
    command += ["--port", str(port), f"--samples_per_plugin=scalars={MOST_POINTS},images=1000,audio=1000", "--reload_interval=5"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        differences = until_loaded(Client(port), expected, server)
    finally:
        server.terminate()
        server.wait(timeout=20)
    for difference in differences:
        print(f"difference: {difference}", file=sys.stderr)
    if differences:
        return 1
    curves = sum(len(run.curves) for run in expected)
    pictures = sum(len(files) for run in expected for tags in run.files.values() for files in tags.values())
    histograms = sum(len(run.histograms) for run in expected)
    groups = len({run.group for run in expected})
    print(f"{len(expected)} runs, {curves} curves, {pictures} pictures, {histograms} histograms, {groups} HParams groups: as recorded")
    return 0


class Expected:
    """What a run's record says; what a later attempt made void is left out."""

    def __init__(self, sweep: pathlib.Path, planned: dict):
        self.id = planned["id"]
        config = {key: value for key, value in planned["config"].items() if key != "seed"}
        self.group = json.dumps([config, planned["overrides"]], sort_keys=True)
        self.curves, self.files, self.histograms, self.status = {}, {"images": {}, "audio": {}}, {}, None
        folder = sweep / "runs" / self.id
        evaluations, ended = [], None
        logs = sorted(folder.glob("events*.jsonl"), key=lambda log: (len(log.name), log.name))
        for event in (event for log in logs for event in events(log)):
            step = event.get("step")
            if event["event"] == "started":
                until = lambda curve: {at: value for at, value in curve.items() if at <= step}
                self.curves = {tag: until(curve) for tag, curve in self.curves.items() if until(curve)}
                for kind, tags in self.files.items():
                    self.files[kind] = {tag: until(files) for tag, files in tags.items() if until(files)}
                self.histograms = {tag: until(found) for tag, found in self.histograms.items() if until(found)}
                evaluations = [found for found in evaluations if found["step"] <= step]
                self.status = "STATUS_UNKNOWN"
            elif event["event"] == "ended":
                ended = event["status"]
                self.status = STATUSES.get(ended, "STATUS_UNKNOWN")
            elif event["event"] == "scalars":
                for tag, value in event["values"].items():
                    self.curves.setdefault(tag, {})[step] = value
            elif event["event"] == "evaluation":
                evaluations.append(event)
                for name, measurement in event["values"].items():
                    self.curves.setdefault(f"{event['split']}/{name}", {})[step] = measurement["value"]
            elif event["event"] == "artifact":
                role = event["role"]
                if role == SAMPLES and event.get("spread") is not None:
                    self.curves.setdefault(f"{SAMPLES}/spread", {})[step] = event["spread"]
                tag = "/".join([SAMPLES, *([role] if role != SAMPLES else []), *([event["label"]] if "label" in event else [])])
                kind = "audio" if event["media"].startswith("audio/") else "images"
                if (folder / event["file"]).is_file():
                    self.files[kind].setdefault(tag, {})[step] = folder / event["file"]
            elif event["event"] == "histograms":
                for tag, histogram in event["values"].items():
                    self.histograms.setdefault(tag, {})[step] = histogram
        if evaluations and ended not in ("diverged", "collapsed"):
            self.select(evaluations)

    def select(self, evaluations: list):
        """The step with the best Fréchet distance to training samples, with the values of the test split there."""
        training = [found for found in evaluations if found["split"] == "train"] or evaluations
        best = min(training, key=lambda found: found["values"]["frechet"]["value"])["step"]
        self.curves["selected/step"] = {best: best}
        for split in ("train", "test"):
            for found in evaluations:
                if found["step"] == best and found["split"] == split:
                    for name, measurement in found["values"].items():
                        self.curves[f"selected/{name}"] = {best: measurement["value"]}


def events(path: pathlib.Path):
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            pass  # A line that is cut or empty.


class Client:
    def __init__(self, port: int):
        self.root = f"http://127.0.0.1:{port}/data/"

    def bytes(self, path: str, body=None, **query) -> bytes:
        url = self.root + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read()

    def json(self, path: str, body=None, **query):
        return json.loads(self.bytes(path, body, **query))


def until_loaded(client: Client, expected: list, server: subprocess.Popen) -> list:
    """TensorBoard loads in the background: differences count when they stay."""
    deadline = time.monotonic() + LOAD_SECS
    while True:
        if server.poll() is not None:
            return [f"TensorBoard ended with {server.returncode}"]
        try:
            differences = compare(client, expected)
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            differences = [f"TensorBoard does not answer: {error} {getattr(error, 'url', '')}"]
        if not differences or time.monotonic() > deadline:
            return differences
        time.sleep(1)


def compare(client: Client, expected: list) -> list:
    differences = []

    def same(what: str, found, wanted):
        if found != wanted:
            differences.append(f"{what}: TensorBoard has {shorten(found)}, the record {shorten(wanted)}")

    same("runs", sorted(client.json("runs")), sorted([".", *(run.id for run in expected)]))
    scalar_tags = client.json("plugin/scalars/tags")
    file_tags = {kind: client.json(f"plugin/{kind}/tags") for kind in PARTS}
    text_tags = client.json("plugin/text/tags")
    histogram_tags = client.json("plugin/histograms/tags")
    for run in expected:
        same(f"{run.id}: tags", sorted(scalar_tags.get(run.id, {})), sorted(run.curves))
        for kind, tags in run.files.items():
            same(f"{run.id}: {kind}", sorted(file_tags[kind].get(run.id, {})), sorted(tags))
        same(f"{run.id}: histograms", sorted(histogram_tags.get(run.id, {})), sorted(run.histograms))
        same(f"{run.id}: config", "config" in text_tags.get(run.id, []), True)
        if differences:
            continue
        for tag, curve in run.curves.items():
            points = client.json("plugin/scalars/scalars", run=run.id, tag=tag)
            steps = [step for _, step, _ in points]
            wanted = sorted(curve)
            same(f"{run.id}: {tag}: last step", steps[-1], wanted[-1])
            if len(wanted) <= MOST_POINTS:
                same(f"{run.id}: {tag}: steps", steps, wanted)
                values = [(number(value), number(curve[step])) for _, step, value in points]
                same(f"{run.id}: {tag}: values", all(close(*pair) for pair in values), True)
        for tag, found in run.histograms.items():
            served = client.json("plugin/histograms/histograms", run=run.id, tag=tag)
            same(f"{run.id}: {tag}: steps", [step for _, step, _ in served], sorted(found))
            # TensorBoard spreads what it reads over parts of its own: the number of values stays.
            same(f"{run.id}: {tag}: values", round(sum(part[2] for part in served[-1][2])), sum(found[max(found)]["counts"]))
        for kind, tags in run.files.items():
            for tag, files in tags.items():
                served = client.json(f"plugin/{kind}/{kind}", run=run.id, tag=tag, sample=0)
                same(f"{run.id}: {kind}: {tag}: steps", [found["step"] for found in served], sorted(files))
                last = client.bytes(f"plugin/{kind}/{PARTS[kind]}?" + served[-1]["query"])
                same(f"{run.id}: {kind}: {tag}: the last is the file", last == files[max(files)].read_bytes(), True)
    charts = [chart for category in client.json("plugin/custom_scalars/layout")["category"] for chart in category["chart"]]
    same("custom layout: losses share a chart", "loss" in [chart["title"] for chart in charts], any("loss/discriminator" in run.curves for run in expected))
    return differences or compare_hparams(client, expected)


def compare_hparams(client: Client, expected: list) -> list:
    statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
    body = {"experimentName": "", "allowedStatuses": statuses, "colParams": [], "startIndex": 0, "sliceSize": 100000}
    client.json("plugin/hparams/experiment", {"experimentName": ""})
    found = client.json("plugin/hparams/session_groups", body).get("sessionGroups", [])
    sessions = sorted(sorted(session["name"] for session in group["sessions"]) for group in found)
    groups = {}
    for run in expected:
        groups.setdefault(run.group, []).append(run.id)
    wanted = sorted(sorted(ids) for ids in groups.values())
    if sessions != wanted:
        return [f"HParams sessions by group: TensorBoard has {shorten(sessions)}, the plan {shorten(wanted)}"]
    ends = {session["name"]: session["status"] for group in found for session in group["sessions"]}
    differences = [
        f"{run.id}: HParams: {ends[run.id]} instead of {run.status}"
        for run in expected
        if run.status and ends[run.id] != run.status
    ]
    # A group's metric is the mean over its sessions.
    for group in found:
        runs = [run for run in expected if run.id in {session["name"] for session in group["sessions"]}]
        for metric in group.get("metricValues", []):
            tag = "/".join(filter(None, [metric["name"].get("group", ""), metric["name"]["tag"]]))
            last = [number(run.curves[tag][max(run.curves[tag])]) for run in runs if tag in run.curves]
            mean = sum(last) / len(last)
            if not close(number(metric["value"]), mean):
                differences.append(f"{runs[0].id}: HParams: {tag} is {metric['value']} instead of {mean}")
    return differences


def number(value) -> float:
    """JSON has no NaN: both sides write the word."""
    return float(value)


def close(found: float, wanted: float) -> bool:
    """Event files hold `f32`."""
    if found != found or wanted != wanted:
        return found != found and wanted != wanted
    return found == wanted or abs(found - wanted) <= 1e-5 * abs(wanted) + 1e-37


def shorten(value, most: int = 300) -> str:
    text = repr(value)
    return text if len(text) <= most else text[:most] + " ..."


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
