"""The parts of scripts/gpu_measure.sh."""

import collections
import datetime
import importlib.util
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
BUDGET = 440
DEVICES = os.environ.get("RUNNER_MEASURE_DEVICES", "cuda")
BEGAN = time.monotonic()

RUN = """
name: measured
run:
  {data}
  model: {{ {model} }}
  train: {{ steps: {steps}, batch_size: {batch} }}
  sample: {{ every: 0, count: 4 }}
  checkpoint: {{ every: 0 }}
  log: {{ every: {every} }}
execution: {{ devices: "{devices}", jobs: {jobs} }}
{more}
"""
SMALL = "data: { name: mnist-10k }"


def left():
    return BUDGET - (time.monotonic() - BEGAN)


def sweep(runner, folder, *, model, steps, batch=64, every=20, jobs=1, data=SMALL, more="", options=(), seconds=None):
    """Trains; returns the seconds that it took and the run's values at each record."""
    file = pathlib.Path(folder, "measured.yaml")
    settings = dict(model=model, steps=steps, batch=batch, every=every, jobs=jobs, data=data, devices=DEVICES, more=more)
    file.write_text(RUN.format(**settings))
    results = pathlib.Path(folder, "results")
    start = time.perf_counter()
    command = [runner, "sweep", file, "--results", results, "--quiet", "--fresh", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=max(seconds or left(), 1))
    took = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.strip()[-600:]}")
    runs = []
    for folder in sorted(pathlib.Path(results, "measured", "runs").iterdir()):
        events = [json.loads(line) for line in pathlib.Path(folder, "events.jsonl").read_text().splitlines()]
        values = [event["values"] for event in events if event["event"] == "scalars"]
        ended = next((event for event in events if event["event"] == "ended"), {})
        runs.append({"values": values, "digest": ended.get("weights_digest"), "status": ended.get("status")})
    return took, runs


def milliseconds(run, batch):
    """Median over the records but the first, whose steps compile kernels."""
    rates = [values["speed/images_per_second"] for values in run["values"]][1:]
    return statistics.median(1e3 * batch / rate for rate in rates)


def torch_step(python, *arguments):
    if python is None:
        return {"skipped": "no PyTorch with CUDA"}
    done = subprocess.run([python, HERE / "torch_gpu.py", *map(str, arguments)], capture_output=True, text=True, timeout=max(left(), 1))
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.strip()[-300:]}


def torch_python():
    """A Python with PyTorch that sees a GPU, or None."""
    if importlib.util.find_spec("torch") is None:
        return None
    look = [sys.executable, "-c", "import torch; raise SystemExit(not torch.cuda.is_available())"]
    return sys.executable if subprocess.run(look, capture_output=True).returncode == 0 else None


def tests(runner):
    """The device, its check against the CPU, and whether two equal runs end with the same bits."""
    yield "doctor", json.loads(subprocess.run([runner, "doctor", "--format", "json"], capture_output=True, text=True, check=True).stdout)
    for preset in ["mlp", "dcgan", "sngan", "wgan-gp", "stylegan2"]:
        digests = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                took, [run] = sweep(runner, folder, model=f"preset: {preset}", steps=40)
                digests.append(run["digest"])
        yield f"two runs of {preset}", {"same bits": digests[0] == digests[1], "digests": digests, "seconds of the last": took}


def steps(runner):
    """Milliseconds of a step beside PyTorch's."""
    python = torch_python()
    for batch in [64, 512]:
        for model in ["mlp", "guide", "dcgan"]:
            found = {}
            with tempfile.TemporaryDirectory() as folder:
                _, [run] = sweep(runner, folder, model=f"preset: {model}", steps=200, batch=batch)
                found["ours"] = milliseconds(run, batch)
                found["share of memory"] = run["values"][-1].get("device/memory")
            for variant in ["eager", "graph"]:
                found[f"PyTorch {variant}"] = torch_step(python, model, "--batch", batch, "--variant", variant, "--seconds", 3)
            yield f"{model}, batch {batch}", found
    with tempfile.TemporaryDirectory() as folder:
        data = pictures(pathlib.Path(folder, "pictures.npy"), 64)
        networks = {
            "resnet-64": "generator: { architecture: resnet }, discriminator: { architecture: resnet, spectral_norm: true }, loss: hinge",
            "stylegan2-64": "preset: stylegan2",
        }
        for name, model in networks.items():
            for batch in [64, 512]:
                _, [run] = sweep(runner, folder, model=model, steps=60, batch=batch, every=10, data=data)
                yield f"{name}, batch {batch}", {"ours": milliseconds(run, batch)}


def pictures(path, side):
    """Noise as an array of colour images; what they show does not matter here. Returns the data section."""
    import random

    count = 1000
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 3, %d, %d), }" % (count, side, side)
    header = header + " " * (-(len(header) + 11) % 64) + "\n"
    values = random.Random(0).randbytes(count * 3 * side * side)
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + values)
    return f"data: {{ name: array, path: {path} }}"


RUNS, RUN_STEPS = 32, 300


def packing(runner):
    """32 small runs at 1, 4 and 16 slots, and as many as the program finds out, against PyTorch's processes."""
    more = f"sweep: {{ seeds: {RUNS} }}"
    for slots in [1, 4, 16, None]:
        options, jobs = ([], "auto") if slots is None else (["--slots", str(slots)], slots)
        with tempfile.TemporaryDirectory() as folder:
            took, runs = sweep(runner, folder, model="preset: mlp", steps=RUN_STEPS, jobs=jobs, more=more, options=options)
        done = sum(run["status"] == "done" for run in runs)
        yield f"{slots or 'auto'} slots", {"seconds": took, "runs": done, "runs a minute": 60 * done / took}
    python = torch_python()
    if python:
        for at_once, runs in [(1, 4), (8, RUNS)]:
            start, processes, finished = time.perf_counter(), [], 0
            command = [python, HERE / "torch_gpu.py", "mlp", "--steps", str(RUN_STEPS)]
            for _ in range(runs):
                if len(processes) == at_once:
                    finished += processes.pop(0).wait() == 0
                if left() > 0:
                    processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            finished += sum(process.wait() == 0 for process in processes)
            took = time.perf_counter() - start
            yield f"PyTorch, {at_once} at once", {"seconds": took, "runs": finished, "runs a minute": 60 * finished / took}


FULL = ["--set", "train.steps=400000", "--set", "evaluate.every=20000", "--set", "train.*.lr=1e-4"]
STUDIES = {"pacgan-ring-8": [*FULL, "--set", "train.*.schedule=constant"], "pacgan-grid-25": FULL}


def study(runner):
    """Ring and grid of PacGAN at full length, as far as the time goes: what is interrupted goes on when the part is asked for again."""
    results = pathlib.Path("target/gpu-study")
    for at, (name, settings) in enumerate(STUDIES.items()):
        file = pathlib.Path("experiments", "papers", f"{name}.yaml")
        command = [runner, "sweep", file, *settings, "--devices", DEVICES, "--results", results, "--quiet"]
        start, process = time.perf_counter(), subprocess.Popen(command)
        try:
            code = process.wait(timeout=max(left() / (len(STUDIES) - at), 1))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            code = process.wait()
        status = subprocess.run([runner, "status", results / name, "--format", "json"], capture_output=True, text=True)
        runs = json.loads(status.stdout)["runs"] if status.returncode == 0 else []
        steps = sum(run["step"] for run in runs)
        yield name, {"exit": code, "seconds": time.perf_counter() - start, "steps of all runs": steps, "runs": collections.Counter(run["status"] for run in runs)}


def main():
    part, runner, record = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    parts = {"tests": tests, "steps": steps, "packing": packing, "study": study}
    if part not in parts:
        raise SystemExit(f"no part `{part}`; there are {', '.join(parts)}")
    found, note = {}, None
    try:
        for name, value in parts[part](runner):
            found[name] = value
            print(f"{name}: {json.dumps(value)}", flush=True)
            if left() < 0:
                note = "stopped when its time was over"
                break
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        note = "stopped when its time was over"
    except (RuntimeError, subprocess.CalledProcessError) as error:
        note = f"ended by an error: {error}"
    smi = subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"], capture_output=True, text=True) if pathlib.Path("/usr/bin/nvidia-smi").exists() else None
    entry = {
        "part": part,
        "date": datetime.date.today().isoformat(),
        "program": subprocess.run([runner, "--version"], capture_output=True, text=True).stdout.strip(),
        "gpus": smi.stdout.strip().splitlines() if smi else None,
        "system": platform.platform(),
        "found": found,
        "note": note,
    }
    entries = json.loads(record.read_text()) if record.exists() else []
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps([*entries, entry], indent=1) + "\n")
    print(f"{record}: {part}{f' ({note})' if note else ''}")
    raise SystemExit(1 if note and note.startswith("ended") else 0)


main()
