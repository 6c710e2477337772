"""Steps of `wavegan-small`, `pix2pix` and `cyclegan` beside the same steps in PyTorch, in turns:

    cargo build --release
    "$(scripts/venv.sh metrics)/python" scripts/peers/beside_torch.py target/release/runner [ROUNDS]

Sounds of 4,096 samples, pictures of 32 and 64 pixels; networks of 16 channels. A ratio is of one round, our time over PyTorch's. Let
nothing else run meanwhile.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
CHANNELS, SECONDS, EVERY, LOGS = 16, 8, 5, 8
FILE = """
name: step
run:
  data: {data}
  model: {model}
  train: {{ steps: {steps}, batch_size: {batch} }}
  sample: {{ every: 0, count: 1 }}
  checkpoint: {{ every: 0 }}
  log: {{ every: {every} }}
execution: {{ devices: cpu, jobs: 1, threads: {threads} }}
"""


class Wavegan:
    batch, model = 16, "{ preset: wavegan-small }"

    def __init__(self, length):
        self.name = f"wavegan-small, {length} samples"
        self.data = f"{{ name: notes, length: {length} }}"
        self.peer = ["torch_wavegan.py", CHANNELS, self.batch, length]


class Translation:
    def __init__(self, preset, batch, size):
        self.name, self.batch = f"{preset}, {size} x {size}", batch
        self.data = f"{{ name: shapes, count: 200, size: {size}, paired: {str(preset == 'pix2pix').lower()} }}"
        networks = f"generator: {{ channels: {CHANNELS} }}, discriminator: {{ channels: {CHANNELS} }}"
        self.model = f"{{ preset: {preset}, {networks} }}"
        self.peer = ["torch_translation.py", preset, CHANNELS, batch, size]


ROWS = [Wavegan(4096), *(Translation(preset, batch, size) for preset, batch in [("pix2pix", 8), ("cyclegan", 4)] for size in (32, 64))]


def ours(runner, row, threads):
    """Median milliseconds of a step; the first steps do not count."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "step.yaml")
        steps = EVERY * LOGS
        file.write_text(FILE.format(data=row.data, model=row.model, steps=steps, batch=row.batch, every=EVERY, threads=threads))
        subprocess.run([runner, "sweep", file, "--results", folder, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        [log] = pathlib.Path(folder, "step", "runs").glob("*/events.jsonl")
        events = map(json.loads, log.read_text().splitlines())
        speeds = [event["values"]["speed/images_per_second"] for event in events if event["event"] == "scalars"]
    return statistics.median(1e3 * row.batch / speed for speed in speeds[2:])


def theirs(row, threads):
    script, *sizes = row.peer
    command = [sys.executable, HERE / script, *map(str, [*sizes, threads, SECONDS])]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    runner, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for row in ROWS:
        for threads in (1, 2):
            ratios = []
            for _ in range(rounds):
                mine, other = ours(runner, row, threads), theirs(row, threads)
                ratios.append(mine / other)
                print(f"  runner {mine:.1f} ms, PyTorch {other:.1f} ms, {ratios[-1]:.2f}", flush=True)
            print(f"{row.name}, {threads} thread(s): median {statistics.median(ratios):.2f}", flush=True)


if __name__ == "__main__":
    main()
