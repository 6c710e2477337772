"""Milliseconds of a training step, seconds to start and memory: pictures in memory, and the same from disk, in turns.

    python3 scripts/bench_disk.py target/release/runner
    python3 scripts/bench_disk.py target/release/runner --pictures 5000 --turns 3

50,000 PNG files of 64 x 64, which a seeded generator of plain Python draws; `dcgan` for some steps, from memory, from disk with
nothing kept, and with a tenth kept. Medians of the turns; machines are shared, so compare figures of one call only.
"""

import argparse
import json
import os
import random
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

SIDE = 64
EXPERIMENT = """
name: disk
run:
  data: {{ name: image-folder, path: pictures, size: 64 }}
  model: {{ preset: {preset} }}
  train: {{ steps: {steps}, batch_size: 64 }}
  sample: {{ every: 0, count: 4 }}
"""


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(number: int) -> bytes:
    """A slope of grey with noise, so that a file is as long as that of a photograph."""
    draw = random.Random(number)
    base, slope, noise = draw.randrange(256), draw.randrange(1, 4), draw.randbytes(SIDE * SIDE * 3)
    rows = b""
    for row in range(SIDE):
        shades = bytes((base + slope * row + byte % 16) % 256 for byte in range(256))
        rows += b"\0" + noise[3 * SIDE * row : 3 * SIDE * (row + 1)].translate(shades)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    ends = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 6)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(ends)


def once(runner: str, folder: Path, results: str, memory: int) -> tuple[float, float, float]:
    """Milliseconds of a step, seconds of everything else, MiB at most."""
    command = [runner, "sweep", "disk.yaml", "--quiet", "--results", results, "--set", f"data.memory={memory}"]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        sys.exit(f"{' '.join(command)}: status {status}")
    log = next((folder / results).glob("disk/runs/*/events.jsonl"))
    events = [json.loads(line) for line in log.read_text().splitlines()]
    times = next(event["secs"] for event in events if event["event"] == "times")
    steps = max(event.get("step", 0) for event in events)
    of_steps = sum(times.get(part, 0) for part in ("data", "discriminator", "generator"))
    # Of the sweep and of its workers, whichever is larger.
    peak = max(usage.ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    return 1000 * of_steps / steps, seconds - of_steps, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runner")
    parser.add_argument("--pictures", type=int, default=50_000)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--preset", default="dcgan")
    arguments = parser.parse_args()
    runner = str(Path(arguments.runner).resolve())
    samples = arguments.pictures * SIDE * SIDE * 3 >> 20
    modes = {"memory": samples + 1, "disk": 0, "a tenth in memory": max(samples // 10, 1)}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "pictures").mkdir()
        for number in range(arguments.pictures):
            (folder / f"pictures/{number:05}.png").write_bytes(picture(number))
        (folder / "disk.yaml").write_text(EXPERIMENT.format(preset=arguments.preset, steps=arguments.steps))
        found = {mode: [] for mode in modes}
        for turn in range(arguments.turns):
            for mode, memory in modes.items():
                # In a process of its own, so that the peak is that of this run.
                reader, writer = os.pipe()
                if os.fork() == 0:
                    values = once(runner, folder, f"{mode} {turn}".replace(" ", "-"), memory)
                    os.write(writer, json.dumps(values).encode())
                    os._exit(0)
                os.close(writer)
                os.wait()
                found[mode].append(json.loads(os.read(reader, 1000)))
                os.close(reader)
                print(f"turn {turn + 1}, {mode}: %.1f ms a step, %.1f s besides, %.0f MiB" % tuple(found[mode][-1]), flush=True)
        print(f"\n{arguments.pictures} pictures, {samples} MiB of samples")
        for mode, values in found.items():
            step, rest, peak = (statistics.median(column) for column in zip(*values))
            ratio = statistics.median(own[0] / memory[0] for own, memory in zip(values, found["memory"]))
            print(f"{mode:18} {step:8.1f} ms a step (x {ratio:.2f})  {rest:6.1f} s besides  {peak:6.0f} MiB")


main()
