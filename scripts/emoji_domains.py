"""Noto and Twemoji pictures of the same emoji as two domains without pairs, for `unpaired-folder`.

    npm pack emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0
    "$(scripts/venv.sh emoji)/python" scripts/emoji_domains.py emoji-datasource-google-16.0.0.tgz \
        emoji-datasource-twitter-16.0.0.tgz FOLDER --side 32

Writes FOLDER/trainA and testA (Noto, Apache-2.0), trainB and testB (Twemoji, CC-BY 4.0), on white. Held-out pictures have equal names, so
that the partner of each is known to metrics; of the training pictures each domain has one half of the emoji, so that no partner is
there to be found. Emoji of one base are on one side of the split: see emoji_pairs.py. Skin tones and flags are left out.
"""

import argparse
import hashlib
import io
import re
import shutil
import tarfile
from pathlib import Path

from emoji_pairs import base, is_held_out
from PIL import Image

SKIN = set(range(0x1F3FB, 0x1F400))
REGIONAL = set(range(0x1F1E6, 0x1F200))


def pictures(package):
    """By code, RGBA of 64 x 64."""
    found = {}
    with tarfile.open(package) as archive:
        for member in archive:
            name = re.fullmatch(r"package/img/\w+/64/([0-9a-f-]+)\.png", member.name)
            numbers = {int(number, 16) for number in name[1].split("-")} if name else set()
            if name and not numbers & (SKIN | REGIONAL):
                found[name[1].upper()] = archive.extractfile(member).read()
    return found


def half(code):
    """Which domain has this emoji to train on."""
    return hashlib.sha256(b"half " + base(code).encode()).digest()[0] % 2


def write(picture, side, path):
    image = Image.open(io.BytesIO(picture)).convert("RGBA")
    ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
    Image.alpha_composite(ground, image).convert("RGB").resize((side, side), Image.Resampling.BOX).save(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", type=Path, nargs=2)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=64)
    arguments = parser.parse_args()
    domains = [pictures(package) for package in arguments.packages]
    common = sorted(set(domains[0]) & set(domains[1]))
    for at, domain in enumerate("AB"):
        for split in ("train", "test"):
            place = arguments.folder / f"{split}{domain}"
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            chosen = [code for code in common if is_held_out(code) == (split == "test")]
            chosen = [code for code in chosen if split == "test" or half(code) == at]
            for code in chosen:
                write(domains[at][code], arguments.side, place / f"{code}.png")
            print(f"{len(chosen)} pictures in {place}")
