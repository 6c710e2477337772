"""Files of data as other programs write them, for crates/data/tests/files/formats.

    "$(scripts/venv.sh data)/python" scripts/data_fixtures.py crates/data/tests/files/formats

Pixels are formulas that the tests repeat, labels the same in every file.
"""

import gzip
import io
import json
import pickle
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

LABELS = [3, 1, 3, 2]
NAMES = ["ant", "bee", "cat", "dog"]
IMAGES = np.array(
    [[[[(50 * i + 30 * y + 7 * x + 80 * c) % 256 for c in range(3)] for x in range(8)] for y in range(8)] for i in range(4)],
    np.uint8,
)
# Six images of CIFAR-10's size, one for each of its files.
SMALL = np.array([[[[(40 * i + 80 * c + 3 * y + x) % 256 for x in range(32)] for y in range(32)] for c in range(3)] for i in range(6)], np.uint8)


def arrays(folder):
    np.savez_compressed(folder / "images.npz", images=IMAGES, labels=np.array(LABELS))
    np.save(folder / "channels_first.npy", (IMAGES / 255).astype(np.float32).transpose(0, 3, 1, 2))
    np.save(folder / "labels.npy", np.array(LABELS, np.uint8))
    x, y = np.arange(4) / 4, -np.arange(4.0)
    # Of two rows that are transposed: in Fortran order.
    np.savez(folder / "points.npz", points=np.array([x, y]).T, labels=np.array(LABELS, np.int32))


def pictures(folder):
    first, grey = Image.fromarray(IMAGES[0]), Image.fromarray(IMAGES[0, :, :, 0])
    first.save(folder / "colour.bmp")
    grey.save(folder / "grey.bmp")
    first.save(folder / "plain.tiff")
    first.save(folder / "lzw.tiff", compression="tiff_lzw")
    first.save(folder / "deflate.tiff", compression="tiff_adobe_deflate")
    Image.fromarray(IMAGES[0, :, :, 0].astype(np.uint16) * 257).save(folder / "grey16.tiff")
    grey.save(folder / "grey.gif")
    grey.save(folder / "animated.gif", save_all=True, append_images=[Image.fromarray(IMAGES[1, :, :, 0])])


def encoded(image, format="PNG"):
    bytes = io.BytesIO()
    Image.fromarray(image).save(bytes, format, compress_level=0, optimize=False)
    return bytes.getvalue()


def zips(folder):
    # As `dataset_tool.py` of StyleGAN2-ADA and StyleGAN3 does: `open_dest` and `convert_dataset`.
    with zipfile.ZipFile(folder / "stylegan.zip", "w", compression=zipfile.ZIP_STORED) as archive:
        labels = []
        for index, (image, label) in enumerate(zip(IMAGES, LABELS)):
            number = f"{index:08d}"
            name = f"{number[:5]}/img{number}.png"
            archive.writestr(name, encoded(image))
            labels.append([name, label])
        archive.writestr("dataset.json", json.dumps({"labels": labels}))
    # A folder with a folder for each class, as a desktop packs it.
    with zipfile.ZipFile(folder / "folders.zip", "w", compression=zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pets/", "")
        for index in [1, 3, 0, 2]:
            archive.writestr(f"pets/{NAMES[LABELS[index]]}/{index}.png", encoded(IMAGES[index]))
        archive.writestr("pets/notes.txt", "no image")
        archive.writestr("__MACOSX/pets/._0.png", "no image")


def tars(folder):
    def add(archive, name, bytes):
        entry = tarfile.TarInfo(name)
        entry.size = len(bytes)
        archive.addfile(entry, io.BytesIO(bytes))

    folder = folder / "shards"
    folder.mkdir(exist_ok=True)
    for shard, indices in enumerate([[0, 1], [2, 3]]):
        with tarfile.open(folder / f"train-{shard:03d}.tar", "w") as archive:
            for index in indices:
                add(archive, f"{index:06d}.png", encoded(IMAGES[index]))
                add(archive, f"{index:06d}.cls", f"{LABELS[index]}\n".encode())
                add(archive, f"{index:06d}.json", json.dumps({"name": NAMES[LABELS[index]]}).encode())


def parquets(folder):
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    # What the library `datasets` adds.
    features = {"image": {"_type": "Image"}, "label": {"names": NAMES, "_type": "ClassLabel"}}
    schema = pa.schema([("image", kind), ("label", pa.int64())], {"huggingface": json.dumps({"info": {"features": features}})})
    rows = [{"bytes": encoded(image), "path": f"{index}.png"} for index, image in enumerate(IMAGES)]
    table = pa.table({"image": pa.array(rows, kind), "label": LABELS}, schema)
    for compression in ["snappy", "zstd", "gzip", "none"]:
        pq.write_table(table, folder / f"{compression}.parquet", compression=compression, row_group_size=3)
    plain = pa.table({"picture": [row["bytes"] for row in rows[:3]] + [None], "kind": [NAMES[label] for label in LABELS]})
    pq.write_table(plain, folder / "plain.parquet")


class Python2(pickle._Pickler):
    """Texts and bytes as Python 2 wrote both, in which CIFAR-10's files are."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, text):
        bytes = text.encode() if isinstance(text, str) else text
        length = len(bytes)
        self.write(b"U" + struct.pack("<B", length) + bytes if length < 256 else b"T" + struct.pack("<i", length) + bytes)
        self.memoize(text)

    dispatch[bytes] = save_string
    dispatch[str] = save_string


def batch(index, name):
    """The dictionary of one batch in the Python version."""
    return {"batch_label": name, "labels": [index], "data": SMALL[index].reshape(1, 3072), "filenames": [f"{index}.png"]}


def cifar(folder):
    files = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]

    def write(path, inner, contents):
        with gzip.GzipFile(path, "wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
            for name, bytes in contents:
                entry = tarfile.TarInfo(f"{inner}/{name}")
                entry.size = len(bytes)
                archive.addfile(entry, io.BytesIO(bytes))

    binary = [(f"{name}.bin", bytes([index]) + SMALL[index].tobytes()) for index, name in enumerate(files)]
    write(folder / "cifar-10-binary.tar.gz", "cifar-10-batches-bin", binary)
    old = []
    for index, name in enumerate(files):
        pickled = io.BytesIO()
        Python2(pickled, 2).dump(batch(index, name))
        # What NumPy called it then.
        pickled = pickled.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
        assert (pickle.loads(pickled, encoding="bytes")[b"data"].reshape(SMALL[index].shape) == SMALL[index]).all()
        old.append((name, pickled))
    write(folder / "cifar-10-python.tar.gz", "cifar-10-batches-py", old)
    for protocol in [2, 3, 4]:
        (folder / f"batch-{protocol}.pickle").write_bytes(pickle.dumps(batch(1, "x"), protocol))


def points(folder):
    rows = [(index / 4, -float(index), NAMES[label]) for index, label in enumerate(LABELS)]
    (folder / "named.csv").write_text("x,y,kind\n" + "".join(f"{x},{y},{kind}\n" for x, y, kind in rows))
    np.savetxt(folder / "plain.csv", np.array([[x, y, label] for (x, y, _), label in zip(rows, LABELS)]), delimiter=";", fmt=["%.4f", "%.4f", "%d"])


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for write in [arrays, pictures, zips, tars, parquets, cifar, points]:
        write(folder)
