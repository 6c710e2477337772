#!/usr/bin/env python3
"""Opens a built report in a real TensorBoard and compares what it serves with the sweep's plan and records.

    check_tensorboard.py LOGDIR PLAN

LOGDIR is the sweep's `tensorboard/`, PLAN its `plan.json`; the run folders lie in `runs/` beside the plan. Starts
TensorBoard (`pip install tensorboard 'setuptools<81'`) on a free loopback port, stops it again, and exits with 1 and a
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

CURVE = "loss/generator"
IMAGES = "samples"
# TensorBoard keeps a random part of longer series.
MOST_POINTS = 1000
LOAD_SECS = 90


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir", type=pathlib.Path)
    parser.add_argument("plan", type=pathlib.Path)
    arguments = parser.parse_args()
    expected = [Expected(arguments.plan.parent, run) for run in json.loads(arguments.plan.read_text())["runs"]]

    port = free_port()
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(arguments.logdir), "--host", "127.0.0.1"]
    command += ["--port", str(port), f"--samples_per_plugin=scalars={MOST_POINTS},images=1000", "--reload_interval=5"]
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
    curves = sum(bool(run.curve) for run in expected)
    pictures = sum(len(run.pictures) for run in expected)
    groups = len({run.group for run in expected})
    print(f"{len(expected)} runs, {curves} curves of {CURVE}, {pictures} pictures, {groups} HParams groups: as recorded")
    return 0


class Expected:
    """What a run's record says; what a later attempt made void is left out."""

    def __init__(self, sweep: pathlib.Path, planned: dict):
        self.id = planned["id"]
        config = {key: value for key, value in planned["config"].items() if key != "seed"}
        self.group = json.dumps([config, planned["overrides"]], sort_keys=True)
        self.curve, self.pictures = {}, {}
        folder = sweep / "runs" / self.id
        logs = sorted(folder.glob("events*.jsonl"), key=lambda log: (len(log.name), log.name))
        for event in (event for log in logs for event in events(log)):
            step = event.get("step")
            if event["event"] == "started":
                self.curve = {at: value for at, value in self.curve.items() if at <= step}
                self.pictures = {at: png for at, png in self.pictures.items() if at <= step}
            elif event["event"] == "scalars" and CURVE in event["values"]:
                self.curve[step] = event["values"][CURVE]
            elif event["event"] == "sample" and (folder / event["file"]).is_file():
                self.pictures[step] = folder / event["file"]


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
    image_tags = client.json("plugin/images/tags")
    text_tags = client.json("plugin/text/tags")
    for run in expected:
        same(f"{run.id}: {CURVE}", CURVE in scalar_tags.get(run.id, {}), bool(run.curve))
        same(f"{run.id}: pictures", IMAGES in image_tags.get(run.id, {}), bool(run.pictures))
        same(f"{run.id}: config", "config" in text_tags.get(run.id, []), True)
        if differences:
            continue
        if run.curve:
            points = client.json("plugin/scalars/scalars", run=run.id, tag=CURVE)
            steps = [step for _, step, _ in points]
            wanted = sorted(run.curve)
            same(f"{run.id}: {CURVE}: last step", steps[-1], wanted[-1])
            if len(wanted) <= MOST_POINTS:
                same(f"{run.id}: {CURVE}: steps", steps, wanted)
                values = [(number(value), number(run.curve[step])) for _, step, value in points]
                same(f"{run.id}: {CURVE}: values", all(close(*pair) for pair in values), True)
        if run.pictures:
            pictures = client.json("plugin/images/images", run=run.id, tag=IMAGES, sample=0)
            same(f"{run.id}: pictures: steps", [picture["step"] for picture in pictures], sorted(run.pictures))
            last = client.bytes("plugin/images/individualImage?" + pictures[-1]["query"])
            same(f"{run.id}: the last picture is the file", last == run.pictures[max(run.pictures)].read_bytes(), True)
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
    return []


def number(value) -> float:
    """JSON has no NaN: both sides write the word."""
    return float(value)


def close(found: float, wanted: float) -> bool:
    """Event files hold `f32`."""
    if found != found or wanted != wanted:
        return found != found and wanted != wanted
    return found == wanted or abs(found - wanted) <= 1e-6 * abs(wanted) + 1e-37


def shorten(value, most: int = 300) -> str:
    text = repr(value)
    return text if len(text) <= most else text[:most] + " ..."


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
