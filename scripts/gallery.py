#!/usr/bin/env python3
"""Makes the pictures of README, gallery and book from the experiments that they show.

    "$(scripts/venv.sh report)/python" scripts/gallery.py RUNNER [NAME...]

RUNNER is the program. What is not trained yet is trained first, in target/gallery: minutes for each picture, hours for `guide` and `packing`.
Writes docs/NAME.png. A picture is what a run recorded as its last samples, or a part of that.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "target/gallery"
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]


def sweep(runner, experiment):
    subprocess.run([runner, "sweep", ROOT / "experiments" / experiment, "--results", RESULTS, "--quiet"], check=True)
    return RESULTS / Path(experiment).stem


def first_run(folder, overrides):
    """The folder of the first run with these settings."""
    runs = json.loads((folder / "plan.json").read_text())["runs"]
    return folder / "runs" / next(run["id"] for run in runs if overrides.items() <= run["overrides"].items())


def samples(folder, overrides, name="step-*.png"):
    """The last recorded samples of the first run with these settings."""
    return Image.open(sorted((first_run(folder, overrides) / "samples").glob(name))[-1])


def recorded(experiment, name="step-*.png", **overrides):
    return lambda runner: samples(sweep(runner, experiment), overrides, name)


def first_rows(height, experiment, *runs):
    """The first rows of several runs' samples, from left to right."""

    def make(runner):
        folder = sweep(runner, experiment)
        return beside(*(rows(samples(folder, run), height) for run in runs))

    return make


def course(experiment, width, height, steps, **overrides):
    """The first samples of a run at several steps, from the top."""

    def make(runner):
        folder = sweep(runner, experiment)
        pictures = [samples(folder, overrides, f"step-{step:06}.png") for step in steps]
        whole = Image.new(pictures[0].mode, (width, height * len(steps)))
        for row, picture in enumerate(pictures):
            whole.paste(picture.crop((0, 0, width, height)), (0, row * height))
        return whole

    return make


def real_and_made(experiment, height, scale, *runs):
    """The first rows of real sounds, then of the sounds of runs, from left to right."""

    def make(runner):
        folder = sweep(runner, experiment)
        pictures = [samples(folder, runs[0], "real.png")] + [samples(folder, run) for run in runs]
        picture = beside(*(rows(picture, height).convert("RGB") for picture in pictures))
        return picture.resize((picture.width * scale, picture.height * scale), Image.NEAREST)

    return make


def edited(experiment, height, *commands):
    """The first rows of edits of an experiment's first run, from left to right: words of a command, what it writes, which pictures of that."""

    def make(runner):
        run, pictures = first_run(sweep(runner, experiment), {}), []
        for words, out, names in commands:
            subprocess.run([runner, "edit", run, *words.split(), "--out", RESULTS / out], check=True)
            pictures += [rows(Image.open(RESULTS / name), height) for name in names]
        return beside(*pictures)

    return make


def real_above_made(experiment, height, **overrides):
    """The first rows of real samples, and below them those of a run."""

    def make(runner):
        folder = sweep(runner, experiment)
        parts = [rows(samples(folder, overrides, name), height) for name in ["real.png", "step-*.png"]]
        whole = Image.new(parts[0].mode, (parts[0].width, 2 * height + 8), "white")
        for top, part in zip([0, height + 8], parts):
            whole.paste(part, (0, top))
        return whole

    return make


def rows(picture, height):
    return picture.crop((0, 0, picture.width, height))


def beside(*pictures, gap=16):
    width = sum(picture.width + gap for picture in pictures) - gap
    whole = Image.new(pictures[0].mode, (width, pictures[0].height), "white")
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width + gap
    return whole


def page(experiment):
    def make(runner):
        from playwright.sync_api import sync_playwright

        url = (sweep(runner, experiment) / "report.html").resolve().as_uri()
        executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
            tab = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme="light").new_page()
            tab.goto(url)
            tab.wait_for_load_state("networkidle")
            tab.screenshot(path=RESULTS / "page.png", full_page=True)
            browser.close()
        return Image.open(RESULTS / "page.png").quantize(128, dither=Image.NONE)

    return make


PICTURES = {
    "report": page("rates.yaml"),
    "digits": recorded("lr.yaml", **{"train.*.lr": 0.01}),
    "ring": recorded("ring.yaml", **{"model.penalty": "none"}),
    "emoji": recorded("pix2pix.yaml", "translation-*.png"),
    "guide": course("guide.yaml", 224, 28, [281, 1405, 5620, 14050, 28100]),
    "notes": real_and_made("notes.yaml", 194, 2, {}),
    "drums": real_and_made("drums.yaml", 194, 1, {"model.preset": "wavegan-small"}, {"model.preset": "specgan-small"}),
    "edits": edited(
        "guide.yaml",
        168,
        ("directions --top 2 --count 6", "directions", ["directions/sefa-00.png", "directions/sefa-01.png"]),
        ("invert --count 6", "inverted.png", ["inverted.png"]),
    ),
    "clips": real_above_made("moving-digits.yaml", 64, **{"model.discriminator.critics": "both"}),
    "packing": first_rows(112, "papers/stacked-mnist.yaml", {"model.packing": 1}, {"model.packing": 2}),
}


def main(runner, *names):
    for name in names or PICTURES:
        picture = PICTURES[name](Path(runner).resolve())
        picture.save(ROOT / "docs" / f"{name}.png", optimize=True)
        print(f"docs/{name}.png: {picture.width} x {picture.height}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
