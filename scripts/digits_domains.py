"""Digits of two hands as domains without pairs, for `unpaired-folder`: mnist-10k's, and those of OpenCV's example.

    apt-get download opencv-doc && dpkg-deb -x opencv-doc_*.deb opencv-doc
    "$(scripts/venv.sh emoji)/python" scripts/digits_domains.py crates/data/mnist-10k \
        "$(find opencv-doc -name digits.png)" FOLDER

Writes FOLDER/trainA and testA (MNIST), trainB and testB (OpenCV, 5,000 digits of 20 x 20 with a border), 28 x 28, in a subfolder for
each class. A digit is held out with its neighbours: OpenCV's stand writer by writer, so the last fifth of each class is.
"""

import argparse
import gzip
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

HELD_OUT = 0.2


def mnist(folder):
    """Images and labels in their order, of which the first 9,000 are trained on."""
    images = gzip.decompress((folder / "mnist-10k-images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((folder / "mnist-10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    images, labels = np.frombuffer(images, np.uint8).reshape(-1, 28, 28), np.frombuffer(labels, np.uint8)
    return images, labels, np.arange(len(images)) >= 9_000


def opencv(file):
    """50 rows of 100 digits, five rows of each class."""
    sheet = np.asarray(Image.open(file).convert("L"))
    images = sheet.reshape(50, 20, 100, 20).transpose(0, 2, 1, 3).reshape(-1, 20, 20)
    labels = np.arange(len(images)) // 500
    return np.pad(images, ((0, 0), (4, 4), (4, 4))), labels, np.arange(len(images)) % 500 >= 500 * (1 - HELD_OUT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("mnist", type=Path)
    parser.add_argument("opencv", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    for domain, (images, labels, held_out) in {"A": mnist(arguments.mnist), "B": opencv(arguments.opencv)}.items():
        for split in ("train", "test"):
            place = arguments.folder / f"{split}{domain}"
            shutil.rmtree(place, ignore_errors=True)
            for index in np.flatnonzero(held_out == (split == "test")):
                path = place / str(labels[index]) / f"{index:05}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(images[index]).save(path)
            print(f"{(held_out == (split == 'test')).sum()} digits in {place}")
