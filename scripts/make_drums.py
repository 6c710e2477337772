"""Makes the hits of the data set `drums` out of two packages of Debian, each file's licence looked up in them.

    apt-get download hydrogen-drumkits sonic-pi-samples
    "$(scripts/venv.sh sounds)/python" scripts/make_drums.py hydrogen-drumkits_*.deb sonic-pi-samples_*.deb

Writes crates/data/drums/drums.zip: FLAC of one channel, 16 bits, 16 kHz, at most half a second, a folder for each class. Of a hit
the start is where it first comes within 40 dB of its peak, and its peak is made 0.9: how hard a drum was struck is heard in its
timbre, and a soft hit would be silence beside a hard one.
"""

import io
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

OUT = Path(__file__).parent.parent / "crates/data/drums/drums.zip"
RATE = 16_000
LENGTH = 8_192
PEAK = 0.9

KITS = "usr/share/hydrogen/data/drumkits"
SONIC = "usr/share/sonic-pi/samples"

# By class, of Sonic Pi's samples: patterns of names.
SONIC_CLASSES = {
    "kick": r"bd_.*|drum_bass_.*|drum_heavy_kick|elec_(hollow|soft)_kick",
    "snare": r"sn_.*|drum_snare_.*|elec_.*snare",
    "hat": r"drum_cymbal_(closed|pedal)",
    "tom": r"drum_tom_.*|elec_fuzz_tom",
    "cymbal": r"drum_cymbal_(hard|soft|open)|drum_splash_.*|elec_cymbal",
    "hand": r"tabla_.*",
}
# Of the kits: files and instruments as they are named there.
PACIFIC_CLASSES = {
    "kick": r"BD_.*",
    "snare": r"SN4?_.*",
    "hat": r"HH[23]?_.*",
    "tom": r"TM2?_.*",
    "cymbal": r"(CB|CB2|RD|RD2|BL)_.*",
}
RUMPF_CLASSES = {
    "kick": r".*bass drum.*",
    "snare": r".*snare.*",
    "hat": r".*hi-hat.*",
    "tom": r".* tom",
    "cymbal": r".*(crash|cymbal|ride).*",
}
CIRC_CLASSES = {"hand": r"Djembe.*|.*Head.*"}


def kind(classes, name):
    return next((label for label, pattern in classes.items() if re.fullmatch(pattern, name)), None)


def free_samples(copyright_file):
    """Names of the samples that the package has under CC0."""
    names = set()
    for paragraph in copyright_file.read_text().split("\n\n"):
        files = re.search(r"^Files:(.*?)^(?=\S)", paragraph, re.M | re.S)
        if files and re.search(r"^License: CC0$", paragraph, re.M):
            names.update(Path(file).stem for file in files[1].split())
    return names


def licence(kit):
    return re.search(r"<license>(.*?)</license>", (kit / "drumkit.xml").read_text(errors="replace"), re.S)[1]


def hits(drumkits, sonic):
    """(class, name, file) of every hit."""
    free = free_samples(sonic / "usr/share/doc/sonic-pi-samples/copyright")
    for file in sorted((sonic / SONIC).glob("*.flac")):
        if file.stem in free and (label := kind(SONIC_CLASSES, file.stem)):
            yield label, f"sonic-pi-{file.stem}", file

    pacific = drumkits / KITS / "BJA_Pacific"
    assert "Share Alike 3.0" in licence(pacific)
    for file in sorted(pacific.glob("*.aiff")):
        if label := kind(PACIFIC_CLASSES, file.stem):
            yield label, f"pacific-{file.stem}", file

    circ = drumkits / KITS / "circAfrique v4"
    assert "ShareAlike 3.0" in licence(circ)
    for file in sorted(circ.glob("*.wav")):
        if label := kind(CIRC_CLASSES, file.stem):
            yield label, f"circafrique-{file.stem.replace(' ', '-')}", file

    rumpf = drumkits / KITS / "rumpf_kit_z01_h2"
    assert "cc-by " in licence(rumpf)
    for instrument in re.findall(r"<instrument>.*?</instrument>", (rumpf / "drumkit.xml").read_text(), re.S):
        name = re.search(r"<name>(.*?)</name>", instrument)[1]
        if label := kind(RUMPF_CLASSES, name):
            file = rumpf / re.search(r"<filename>(.*?)</filename>", instrument)[1]
            yield label, f"rumpf-{file.stem}", file


def hit(file):
    """Samples of 16 bits."""
    sound, rate = soundfile.read(file, always_2d=True)
    sound = resample_poly(sound.mean(axis=1), RATE, rate)
    peak = np.abs(sound).max()
    start = np.flatnonzero(np.abs(sound) > peak / 100)[0]
    sound = sound[start:]
    if len(sound) > LENGTH:
        sound = sound[:LENGTH]
        sound[-800:] *= np.linspace(1, 0, 800)
    # What is 60 dB below the peak to the end is left out.
    sound = sound[: np.flatnonzero(np.abs(sound) > peak / 1000)[-1] + 1]
    return np.round(sound / np.abs(sound).max() * PEAK * 32767).astype(np.int16)


def unpacked(package, folder):
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return Path(folder)


def main(drumkits, sonic):
    counts = {}
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        found = sorted(hits(unpacked(drumkits, a), unpacked(sonic, b)))
        with zipfile.ZipFile(OUT, "w", zipfile.ZIP_STORED) as archive:
            for label, name, file in found:
                encoded = io.BytesIO()
                soundfile.write(encoded, hit(file), RATE, format="FLAC", subtype="PCM_16", compression_level=1.0)
                archive.writestr(zipfile.ZipInfo(f"{label}/{name}.flac"), encoded.getvalue())
                counts[label] = counts.get(label, 0) + 1
    print(counts, sum(counts.values()), f"{OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
