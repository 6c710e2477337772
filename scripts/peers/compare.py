"""Both sides in turns: `compare.py PEERS RUNNER RECORD [--quick] [--rounds N] [--only steps|sweeps]`. Called by `scripts/bench_peers.sh`.

A round takes each measurement once, one after the other, so that whatever else the machine does meets all. A ratio is of
one round: our time over the fastest peer's. The record is written after each measurement.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile

import ours
import processes

HERE = pathlib.Path(__file__).parent
PEERS = {
    "PyTorch eager": ("torch", "torch_step.py", "eager"),
    "PyTorch tuned": ("torch", "torch_step.py", "tuned"),
    "Keras tf.function": ("keras", "keras_step.py", ""),
    "JAX jit": ("jax", "jax_step.py", ""),
}
# With factors of products rounded to bf16, which our side does on processors with AMX.
ROUNDED = {"PyTorch autocast": ("torch", "torch_step.py", "autocast")}
OURS = "runner"
# As many steps as take about four seconds.
STEPS = {"guide": 30, "dcgan": 50, "mlp": 600}
RATES, SEEDS = "5e-5,1e-4,2e-4,4e-4", "0,1"
GRID = "sweep: { grid: { train.*.lr: [5e-5, 1e-4, 2e-4, 4e-4] }, seeds: 2 }"

parser = argparse.ArgumentParser()
parser.add_argument("peers", type=pathlib.Path)
parser.add_argument("runner", type=pathlib.Path)
parser.add_argument("record", type=pathlib.Path)
parser.add_argument("--quick", action="store_true", help="one short round, to see that everything works")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--only", choices=["steps", "sweeps"])
arguments = parser.parse_args()
rounds = 1 if arguments.quick else arguments.rounds


def set_up(peer):
    """A virtual environment with what the peer's requirements say; a copy of those in it says that all is there."""
    wanted, folder = HERE / "requirements" / f"{peer}.txt", arguments.peers / peer
    done = folder / "requirements.txt"
    if done.exists() and done.read_text() == wanted.read_text():
        return
    print(f"setting up {peer} in {folder}", flush=True)
    subprocess.run(["python3", "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "-q", "--no-cache-dir", "-r", wanted], check=True)
    done.write_text(wanted.read_text())


def machine():
    first = lambda path, start: next(line.split(":")[1].strip() for line in open(path) if line.startswith(start))
    output = lambda *command: subprocess.run(command, capture_output=True, text=True, cwd=HERE).stdout.strip()
    return {
        "date": datetime.date.today().isoformat(),
        "processor": first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory": first("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}",
        "load": os.getloadavg()[0],
        "commit": output("git", "describe", "--always", "--dirty"),
        "rust": output("rustc", "--version"),
    }


def peer_step(name, model, threads, seconds):
    folder, script, variant = (PEERS | ROUNDED)[name]
    python = arguments.peers / folder / "bin" / "python"
    command = [python, HERE / script, model, "--threads", threads, "--seconds", seconds, "--variant", variant]
    output, _, memory = processes.run(command)
    found = json.loads(output.splitlines()[-1])
    record["versions"][name] = found["version"]
    return found["milliseconds"], memory


def steps():
    shorter = 10 if arguments.quick else 1
    has_amx = "amx_bf16" in pathlib.Path("/proc/cpuinfo").read_text()
    for threads in (1, 2):
        for model in STEPS:
            for precision, peers in [("f32", PEERS), ("bf16", ROUNDED)][: 2 if has_amx else 1]:
                measurement = f"{model}{' in bf16' if peers is ROUNDED else ''}, {threads} thread(s)"
                count = max(10, STEPS[model] // shorter)
                keep(measurement, OURS, *ours.step(arguments.runner, model, count, threads, precision))
                for name in peers:
                    keep(measurement, name, *peer_step(name, model, threads, 4 / shorter))


def hydra(model, count, threads, launcher):
    with tempfile.TemporaryDirectory() as folder:
        command = [arguments.peers / "torch" / "bin" / "python", HERE / "hydra_app.py", "-m", f"model={model}"]
        command += [f"lr={RATES}", f"seed={SEEDS}", f"steps={count}", f"hydra.sweep.dir={folder}", *launcher]
        threads = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        _, seconds, memory = processes.run(command, threads)
        losses = list(pathlib.Path(folder).glob("*/losses.csv"))
        assert len(losses) == 8 and all(len(file.read_text().splitlines()) == count for file in losses), losses
    return seconds * 1e3, memory


def our_sweep(model, count, jobs, threads, more):
    _, seconds, memory = ours.sweep(arguments.runner, model, count, jobs, threads, more)
    return seconds * 1e3, memory


def sweeps():
    shorter = 10 if arguments.quick else 1
    count = 200 // shorter
    name = f"sweep of 8 mlp runs, {count} steps"
    keep(name, OURS, *our_sweep("mlp", count, 2, 1, GRID))
    joblib = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    keep(name, "Hydra, joblib", *hydra("mlp", count, 1, joblib))
    count = 50 // shorter
    name = f"sweep of 8 guide runs, {count} steps"
    keep(name, OURS, *our_sweep("guide", count, 2, 1, GRID))
    keep(f"{name}, one after the other", OURS, *our_sweep("guide", count, 1, 2, GRID))
    theirs = hydra("guide", count, 2, [])
    for measurement in (name, f"{name}, one after the other"):
        keep(measurement, "Hydra, basic, 2 threads", *theirs)
    name = f"2 guide runs, {count} steps, on 2 threads"
    keep(name, OURS, *our_sweep("guide", count, 2, 1, "sweep: { seeds: 2 }"))
    keep(name, "runner, one after the other", *our_sweep("guide", count, 1, 2, "sweep: { seeds: 2 }"))


def keep(measurement, name, milliseconds, memory):
    values = record["measurements"].setdefault(measurement, {}).setdefault(name, {"milliseconds": [], "mebibytes": []})
    values["milliseconds"].append(round(milliseconds, 2))
    values["mebibytes"].append(round(memory))
    print(f"{measurement}: {name} {milliseconds:.1f} ms, {memory:.0f} MiB", flush=True)
    arguments.record.parent.mkdir(parents=True, exist_ok=True)
    arguments.record.write_text(json.dumps(record, indent=1) + "\n")


def ratios(found):
    """Of each round, our time and memory over the fastest peer's and over the smallest one's."""
    others = [values for name, values in found.items() if name != OURS]
    over = lambda key: [
        mine / min(values[key][at] for values in others) for at, mine in enumerate(found[OURS][key])
    ]
    return over("milliseconds"), over("mebibytes")


def table():
    spread = lambda values: f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
    rows = ["| measurement | ours / fastest | memory, ours / smallest | ms, medians |", "|---|---|---|---|"]
    for measurement, found in record["measurements"].items():
        times = ", ".join(f"{name} {statistics.median(values['milliseconds']):.1f}" for name, values in found.items())
        rows.append(" | ".join([f"| {measurement}", *map(spread, ratios(found)), f"{times} |"]))
    return "\n".join(rows)


for peer in ("torch", "keras", "jax"):
    set_up(peer)
record = {"machine": machine(), "versions": {}, "measurements": {}}
for _ in range(rounds):
    if arguments.only != "sweeps":
        steps()
    if arguments.only != "steps":
        sweeps()
print(f"\n{rounds} round(s); median (least to most) of the rounds' ratios\n\n{table()}")
