"""A step of `wavegan-small` on sounds of 4,096 samples beside the same step in PyTorch, in turns:

    cargo build --release
    "$(scripts/venv.sh metrics)/python" scripts/peers/wavegan.py target/release/runner [ROUNDS]

A ratio is of one round, our time over PyTorch's. Let nothing else run meanwhile.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
CHANNELS, BATCH, LENGTH, STEPS, EVERY = 16, 16, 4096, 60, 5
RUN = f"""
name: step
run:
  data: {{ name: notes, length: {LENGTH} }}
  model: {{ preset: wavegan-small }}
  train: {{ steps: {STEPS}, batch_size: {BATCH} }}
  sample: {{ every: 0, count: 1 }}
  checkpoint: {{ every: 0 }}
  log: {{ every: {EVERY} }}
"""


def ours(runner, threads):
    """Median milliseconds of a step; the first steps do not count."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "step.yaml")
        file.write_text(RUN + f"execution: {{ devices: cpu, jobs: 1, threads: {threads} }}\n")
        subprocess.run([runner, "sweep", file, "--results", folder, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        [log] = pathlib.Path(folder, "step", "runs").glob("*/events.jsonl")
        events = map(json.loads, log.read_text().splitlines())
        speeds = [event["values"]["speed/images_per_second"] for event in events if event["event"] == "scalars"]
    return statistics.median(1e3 * BATCH / speed for speed in speeds[2:])


def theirs(threads):
    sizes = [CHANNELS, BATCH, LENGTH, threads, 10]
    command = [sys.executable, HERE / "torch_wavegan.py", *map(str, sizes)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    runner, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for threads in (1, 2):
        ratios = []
        for _ in range(rounds):
            mine, other = ours(runner, threads), theirs(threads)
            ratios.append(mine / other)
            print(f"{threads} thread(s): runner {mine:.1f} ms, PyTorch {other:.1f} ms, {ratios[-1]:.2f}", flush=True)
        print(f"{threads} thread(s): median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
