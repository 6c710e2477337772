#!/usr/bin/env python3
"""Writes the folder of a sweep that was never trained, to try the report on.

    made_up_sweep.py DIR [--seeds N] [--rates N] [--points N] [--grids N] [--hostile] [--sounds]

Four losses times RATES learning rates times SEEDS runs, POINTS events of eight scalars each, GRIDS sample grids, and
evaluations that depend on loss and rate; one run diverges, one was killed, one never began. The numbers mean nothing.
`--hostile` puts markup, quotes and right-to-left text into every name and takes seeds that a `double` would round; with `--sounds` a tone lies beside each sample grid.
The same arguments give the same bytes.
"""

import argparse
import json
import math
import pathlib
import random
import shutil
import struct
import zlib

CREATED = 1_795_358_000.0
LOSSES = {"non_saturating": 18.0, "least_squares": 24.0, "wasserstein": 40.0, "hinge": 16.0}
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&\u202eלילה טוב\u202c"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rates", type=int, default=3)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--grids", type=int, default=5)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--sounds", action="store_true")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    steps = 10 * arguments.points
    rates = [10 ** (-5 + 3 * i / max(arguments.rates - 1, 1)) for i in range(arguments.rates)]
    first = 2**53 + 1 if arguments.hostile else 0
    runs = []
    for loss in LOSSES:
        for rate in rates:
            for seed in range(first, first + arguments.seeds):
                runs.append(planned(len(runs), loss, rate, seed, steps, arguments.hostile))
    plan = {
        "format": 2,
        "sweep": HOSTILE if arguments.hostile else "made-up",
        "description": HOSTILE if arguments.hostile else "Numbers that were never trained",
        "experiment": "made-up.yaml",
        "experiment_digest": "blake3:00",
        "created": CREATED,
        "runs": runs,
    }
    arguments.folder.mkdir(parents=True)
    (arguments.folder / "plan.json").write_text(json.dumps(plan, indent=1))
    for index, run in enumerate(runs[:-1]):
        write_run(arguments.folder / "runs" / run["id"], index, run, len(runs), arguments)


def planned(index: int, loss: str, rate: float, seed: int, steps: int, hostile: bool) -> dict:
    loss_text = f"{loss}{HOSTILE}" if hostile else loss
    network = {"optimizer": "adam", "lr": rate, "beta1": 0.5}
    config = {
        "seed": seed,
        "data": {"name": "made-up"},
        "model": {"preset": "mlp", "loss": loss_text},
        "train": {"steps": steps, "batch_size": 64, "critic_steps": 1, "generator": network, "discriminator": network},
    }
    overrides = {"model.loss": loss_text, "train.*.lr": rate}
    return {"id": f"{loss}-{index:04}-s{seed}", "seed": seed, "overrides": overrides, "steps": steps, "config": config}


def write_run(folder: pathlib.Path, index: int, run: dict, count: int, arguments: argparse.Namespace) -> None:
    (folder / "samples").mkdir(parents=True)
    numbers = random.Random(index)
    diverges, killed = index == count // 2, index == count - 2
    loss = run["id"].split("-")[0]
    rate = run["overrides"]["train.*.lr"]
    final = LOSSES[loss] * (1 + 0.5 * abs(math.log10(rate) + 3.5)) * (1 + 0.05 * numbers.gauss(0, 1))
    tag = HOSTILE if arguments.hostile else "balance/k"
    at = CREATED + 10.0 * index
    events = [{"event": "format", "version": 2}, {"event": "started", "attempt": 1, "step": 0, "device": "cpu:flex", "threads": 1, "at": at}]
    last = arguments.points // 2 if diverges or killed else arguments.points
    grids = {round(i * arguments.points / max(arguments.grids - 1, 1)) for i in range(arguments.grids)}
    events.append(picture(folder, "real", 0, at, 4242))
    if 0 in grids:
        events += samples(folder, index, 0, at, arguments.sounds)
    for point in range(1, last + 1):
        step, at = 10 * point, at + 0.1
        part = point / arguments.points
        values = {
            "loss/generator": 2 - part + 0.2 * numbers.gauss(0, 1),
            "loss/discriminator": 0.5 + 0.3 * part + 0.1 * numbers.gauss(0, 1),
            "output/real": 1 + 0.2 * numbers.gauss(0, 1),
            "output/fake": -1 + part + 0.2 * numbers.gauss(0, 1),
            "learning_rate/generator": rate,
            "learning_rate/discriminator": rate,
            "speed/images_per_second": 5000 + 100 * numbers.gauss(0, 1),
            tag: part,
        }
        if diverges and point > last - 5:
            values["loss/generator"] = 10.0 ** (point - last + 8)
        events.append({"event": "scalars", "step": step, "at": at, "values": values})
        if point in grids:
            events += samples(folder, index, step, at, arguments.sounds)
            events.append(histograms(numbers, step, at, part))
            for split, more in (("train", 0.0), ("test", 1.5)):
                frechet = final + more + 60 * math.exp(-4 * part) + numbers.gauss(0, 1)
                events.append(evaluation(step, at, split, frechet))
    if not killed and not diverges:
        events += [picture(folder, kind, 10 * last, at, index) for kind in ("interpolation", "neighbours")]
    if not killed:
        secs = {"data": 0.02, "discriminator": 0.4, "generator": 0.5, "log": 0.001, "samples": 0.02, "evaluation": 0.05}
        events.append({"event": "times", "secs": {name: value * 0.1 * last for name, value in secs.items()}, "at": at})
        outcome = {"event": "ended", "status": "done", "step": 10 * last, "wall_secs": 0.1 * last, "at": at}
        if diverges:
            outcome |= {"status": "diverged", "reason": HOSTILE if arguments.hostile else "the generator's loss is not a number"}
        events.append(outcome)
    lines = [json.dumps(event, separators=(",", ":")).replace("NaN", '"NaN"') + "\n" for event in events]
    # The killed run's record is cut in the middle of a line.
    text = "".join(lines) + ('{"event":"scalars","st' if killed else "")
    (folder / "events.jsonl").write_text(text)


def evaluation(step: int, at: float, split: str, frechet: float) -> dict:
    return {
        "event": "evaluation", "step": step, "at": at, "count": 1000, "features": "pixels", "features_hash": "blake3:00", "split": split,
        "values": {
            "frechet": {"value": frechet, "direction": "lower"},
            "precision": {"value": max(0.0, 1 - frechet / 130), "direction": "higher"},
        },
        "floors": {"frechet": 3.2, "precision": 0.81},
    }


def samples(folder: pathlib.Path, index: int, step: int, at: float, sounds: bool) -> list:
    """A picture; with sounds a tone, and its waveform and its spectrogram as pictures."""
    spread = {"spread": 0.3 + 0.01 * (index % 7) + step / 1e5}
    if not sounds:
        return [artifact(folder, "samples", "image/png", step, at, f"step-{step:06}.png", png(64, index, step)) | spread]
    made = [artifact(folder, "samples", "audio/wav", step, at, f"step-{step:06}.wav", wav(200 + 20 * index + step)) | spread]
    for label in ("waveform", "spectrogram"):
        picture = png(64, index + len(label), step)
        made.append(artifact(folder, "samples", "image/png", step, at, f"step-{step:06}-{label}.png", picture) | {"label": label})
    return made


def histograms(numbers: random.Random, step: int, at: float, part: float) -> dict:
    """Logits of real and generated images come together; a layer's weights spread."""
    values = {"logits/real": (2 - part, 1.0), "logits/fake": (part - 2, 0.7), "weights/generator.0.weight": (0.0, 0.02 + 0.05 * part)}
    return {"event": "histograms", "step": step, "at": at, "values": {name: histogram(numbers, *of) for name, of in values.items()}}


def histogram(numbers: random.Random, mean: float, deviation: float) -> dict:
    drawn = [numbers.gauss(mean, deviation) for _ in range(64)]
    least, greatest = min(drawn), max(drawn)
    counts = [0] * 30
    for value in drawn:
        counts[min(int(30 * (value - least) / (greatest - least)), 29)] += 1
    return {"min": least, "max": greatest, "sum": sum(drawn), "sum_squares": sum(value * value for value in drawn), "counts": counts}


def picture(folder: pathlib.Path, role: str, step: int, at: float, index: int) -> dict:
    event = artifact(folder, role, "image/png", step, at, f"{role}.png", png(64, index, len(role)))
    return event | {"spread": 0.42} if role == "real" else event


def artifact(folder: pathlib.Path, role: str, media: str, step: int, at: float, name: str, content: bytes) -> dict:
    (folder / "samples" / name).write_bytes(content)
    return {"event": "artifact", "role": role, "media": media, "step": step, "file": f"samples/{name}", "at": at}


def wav(frequency: float) -> bytes:
    """A quarter of a second of a tone, 8 kHz, 16 bits, one channel."""
    values = [round(12000 * math.sin(2 * math.pi * frequency * at / 8000)) for at in range(2000)]
    content = struct.pack(f"<{len(values)}h", *values)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(content), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", len(content))
    return header + content


def png(side: int, index: int, step: int) -> bytes:
    """Grey squares that tell runs and steps apart."""
    lines = b"".join(
        b"\0" + bytes((37 * index + 5 * (x // 8) + 11 * (y // 8) + step // 7) % 256 for x in range(side)) for y in range(side)
    )

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    main()
