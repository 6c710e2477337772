"""Sounds as libsndfile writes them, for crates/data/tests/files/sounds, and numbers of SciPy, for
crates/metrics/tests/fixtures/sounds.json.

    "$(scripts/venv.sh sounds)/python" scripts/sound_fixtures.py

Sounds are formulas that the tests repeat.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import stft

CRATES = Path(__file__).parent.parent / "crates"


def tone(hertz, rate, seconds, amplitude=0.5):
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


def files():
    """A quarter of a second: 440 Hz on the left, 660 Hz on the right."""
    folder = CRATES / "data/tests/files/sounds"
    folder.mkdir(exist_ok=True)
    for name, rate, kind in [
        ("stereo.flac", 44_100, {"subtype": "PCM_24"}),
        ("stereo.ogg", 22_050, {"format": "OGG", "subtype": "VORBIS"}),
        ("stereo.mp3", 16_000, {"format": "MP3"}),
        ("opus.ogg", 16_000, {"format": "OGG", "subtype": "OPUS"}),
        ("tone.aiff", 8_000, {}),
    ]:
        sound = np.stack([tone(440, rate, 0.25), tone(660, rate, 0.25)], axis=1)
        soundfile.write(folder / name, sound, rate, **kind)


def noise(seed, count):
    """Of a linear congruential generator, in [-1, 1)."""
    state, values = seed, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        values.append((state >> 16) / 2**14 - 1)
    return np.array(values)


def spectrum(sound):
    """As crates/metrics/src/spectral_distance.rs has it."""
    _, _, found = stft(sound, window="hann", nperseg=256, noverlap=128, boundary="zeros", padded=True)
    # SciPy's scaling divides by the window's sum: a sine of amplitude 1 is 1/2.
    decibels = 20 * np.log10(np.maximum(2 * np.abs(found[:, : -(-len(sound) // 128)]), 1e-300))
    return np.maximum(decibels, -80).mean(axis=1)


def numbers():
    length, rate = 1024, 8_000
    real = [noise(seed, length) * 0.5 for seed in range(1, 7)]
    fake = [0.2 * noise(seed, length) * np.exp(-np.arange(length) / 200) + tone(500 + 40 * seed, rate, length / rate, 0.3) for seed in range(7, 12)]
    spectra = [np.array([spectrum(sound) for sound in sounds]) for sounds in (real, fake)]
    root = lambda difference: float(np.sqrt((difference**2).mean()))
    return {
        "made_with": {name: version(name) for name in ["numpy", "scipy"]},
        "spectral_mean": root(spectra[0].mean(0) - spectra[1].mean(0)),
        "spectral_deviation": root(spectra[0].std(0) - spectra[1].std(0)),
        "spectrum": [float(value) for value in spectrum(real[0])[::16]],
    }


files()
(CRATES / "metrics/tests/fixtures/sounds.json").write_text(json.dumps(numbers(), indent=1) + "\n")
