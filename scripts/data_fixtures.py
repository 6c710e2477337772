"""Files of data as other programs write them, for crates/data/tests/files/formats.

    "$(scripts/venv.sh data)/python" scripts/data_fixtures.py crates/data/tests/files/formats

Pixels are a formula that the tests repeat, labels the same in every file.
"""

import sys
from pathlib import Path

import numpy as np

LABELS = [3, 1, 3, 2]
IMAGES = np.array(
    [[[[(50 * i + 30 * y + 7 * x + 80 * c) % 256 for c in range(3)] for x in range(8)] for y in range(8)] for i in range(4)],
    np.uint8,
)


def arrays(folder):
    np.savez_compressed(folder / "images.npz", images=IMAGES, labels=np.array(LABELS))
    np.save(folder / "channels_first.npy", (IMAGES / 255).astype(np.float32).transpose(0, 3, 1, 2))
    np.save(folder / "labels.npy", np.array(LABELS, np.uint8))
    x, y = np.arange(4) / 4, -np.arange(4.0)
    # Of two rows that are transposed: in Fortran order.
    np.savez(folder / "points.npz", points=np.array([x, y]).T, labels=np.array(LABELS, np.int32))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    arrays(folder)
