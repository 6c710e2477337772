"""OpenMoji's line drawings with their colour pictures, from the npm package: the data set `emoji-pairs`, or all of them.

    npm pack openmoji@17.0.0
    "$(scripts/venv.sh emoji)/python" scripts/emoji_pairs.py openmoji-17.0.0.tgz --embedded crates/data/emoji-pairs
    "$(scripts/venv.sh emoji)/python" scripts/emoji_pairs.py openmoji-17.0.0.tgz --full FOLDER --side 64

`--full` writes FOLDER/train and FOLDER/test for `paired-folder`: the drawing beside the picture, on white. Emoji that
differ in skin tone, hair, sex or number of people only are of one base and on one side of the split.
"""

import argparse
import hashlib
import io
import json
import re
import shutil
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

HELD_OUT = 0.15
# What of a code changes the looks of a person or of a letter, not what the emoji is: skin tones, hair, sexes, joiners and
# variation selectors. Man, woman and person are one.
LOOKS = set(range(0x1F3FB, 0x1F400)) | set(range(0x1F9B0, 0x1F9B4)) | {0x2640, 0x2642, 0x200D, 0xFE0F}
PERSON = {0x1F468: 0x1F9D1, 0x1F469: 0x1F9D1, 0x1F466: 0x1F9D2, 0x1F467: 0x1F9D2, 0x1F474: 0x1F9D3, 0x1F475: 0x1F9D3}
# A flag's drawing says nothing of its colours; the extras are no emoji; components are parts of others.
WITHOUT = {"flags", "extras-openmoji", "extras-unicode", "component"}
COLUMNS = 48


def base(code):
    """What the emoji is, whoever it shows."""
    numbers = [int(number, 16) for number in code.split("-")]
    kept = [PERSON.get(number, number) for number in numbers if number not in LOOKS]
    return "-".join(f"{number:X}" for number in dict.fromkeys(kept or numbers))


def is_held_out(code):
    digest = hashlib.sha256(base(code).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < HELD_OUT


def render(svg, side):
    """RGB on white."""
    png = resvg_py.svg_to_bytes(svg_string=svg, background="#ffffff", width=side, height=side, skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB"))


def emoji(package, side, is_wanted):
    """(code, drawing, picture) of those that have colour, in OpenMoji's order."""
    with tarfile.open(package) as archive:
        files = {member.name.removeprefix("package/"): member for member in archive if member.isfile()}

        def text(name):
            return archive.extractfile(files[name]).read().decode()

        entries = [entry for entry in json.loads(text("data/openmoji.json")) if is_wanted(entry)]
        codes = [entry["hexcode"] for entry in sorted(entries, key=lambda entry: (entry["order"] or 10**6, entry["hexcode"]))]
        svgs = [[text(f"{kind}/svg/{code}.svg") for kind in ("black", "color")] for code in codes]
    with ThreadPoolExecutor() as pool:
        images = pool.map(lambda pair: [render(svg, side) for svg in pair], svgs)
        for code, (drawing, picture) in zip(codes, images):
            if picture.max(axis=2).astype(int).__sub__(picture.min(axis=2)).max() > 30:
                yield code, drawing, picture


def split(pairs):
    """The training pairs before those that are held out."""
    pairs = list(pairs)
    return [[pair for pair in pairs if is_held_out(pair[0]) == held_out] for held_out in (False, True)]


def sheet(images):
    """Images row by row, the last row filled up with white."""
    side, channels = images[0].shape[0], images[0].shape[2:]
    rows = -(-len(images) // COLUMNS)
    page = np.full((rows * side, COLUMNS * side, *channels), 255, np.uint8)
    for index, image in enumerate(images):
        top, left = index // COLUMNS * side, index % COLUMNS * side
        page[top : top + side, left : left + side] = image
    return Image.fromarray(page)


def embedded(package, folder):
    """Two sheets of 32 x 32, lossless, and the codes in their order."""
    train, test = split(emoji(package, 32, lambda entry: not entry["skintone"] and entry["group"] not in WITHOUT))
    both = train + test
    folder.mkdir(parents=True, exist_ok=True)
    sheets = {"drawings": [np.asarray(Image.fromarray(pair[1]).convert("L")) for pair in both], "pictures": [pair[2] for pair in both]}
    for name, images in sheets.items():
        sheet(images).save(folder / f"{name}.webp", lossless=True, quality=100, method=6, exact=True)
    lines = [f"{code} {part}\n" for part, pairs in (("train", train), ("test", test)) for code, _, _ in pairs]
    (folder / "codes.txt").write_text("".join(lines))
    with tarfile.open(package) as archive:
        (folder / "LICENSE.txt").write_bytes(archive.extractfile("package/LICENSE.txt").read())
    print(f"{len(train)} pairs to train on, {len(test)} held out")


def full(package, folder, side):
    """A file for each pair, all skin tones, flags and extras among them."""
    for part, pairs in zip(("train", "test"), split(emoji(package, side, lambda entry: True))):
        place = folder / part
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for code, drawing, picture in pairs:
            Image.fromarray(np.concatenate([drawing, picture], axis=1)).save(place / f"{code}.png")
        print(f"{len(pairs)} pairs in {place}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=Path)
    parser.add_argument("--embedded", type=Path)
    parser.add_argument("--full", type=Path)
    parser.add_argument("--side", type=int, default=64)
    arguments = parser.parse_args()
    if arguments.embedded:
        embedded(arguments.package, arguments.embedded)
    if arguments.full:
        full(arguments.package, arguments.full, arguments.side)
