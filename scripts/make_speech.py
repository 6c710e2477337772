"""Makes folders of speech for `wav-folder` out of Debian's prompts for Asterisk: five voices, five languages, 8 kHz.

    for l in en es fr it ru; do apt-get download asterisk-core-sounds-$l-wav; done
    "$(scripts/venv.sh sounds)/python" scripts/make_speech.py digits speech-digits asterisk-core-sounds-*.deb
    "$(scripts/venv.sh sounds)/python" scripts/make_speech.py voices speech-voices asterisk-core-sounds-*.deb

    apt-get download asterisk-prompt-es-co asterisk-prompt-fr-armelle asterisk-prompt-it-menardi-wav
    "$(scripts/venv.sh sounds)/python" scripts/make_speech.py words speech-words asterisk-*.deb

`digits`: the words for 0 to 9 in each language, the classes. Of each digit one voice is held out, each voice of two digits; every
other recording is there ten times, said faster or slower by up to a tenth and higher or lower with it, because five people alone
have said each word once. `voices`: all prompts of at most a second, the classes are the voices; every fifth recording is held out.
`words`: the digits of the five voices as above, all to train on; held out are those of three further people, who speak Spanish,
French and Italian: the data of the features `words`. Nothing of a recording is on both sides. Silence before and behind the words is
cut off.

    data: { name: wav-folder, path: speech-digits/train, test: speech-digits/test, rate: 8000, length: 8192 }
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

SOUNDS = "usr/share/asterisk/sounds"
COPIES = 10
# Of a word's copies: as many samples as so many thousandths of the recording's.
SPEEDS = [1000, 900, 920, 940, 960, 980, 1030, 1050, 1070, 1100]
LONGEST = 1.05
# Voices of the packages asterisk-prompt-*.
FURTHER = ["es", "fr", "it_IT_f_Menardi"]


def voices(folder):
    """`en_US_f_Allison` and so on, with the files of each, in the order of their names."""
    found = [voice for voice in sorted((folder / SOUNDS).iterdir()) if voice.is_dir() and not voice.is_symlink()]
    return {voice.name: sorted(file for file in voice.rglob("*") if file.suffix in (".wav", ".gsm")) for voice in found}


def word(file):
    """The sound between its first and its last 30 dB below the peak, with 20 ms on either side."""
    raw = {"format": "RAW", "subtype": "GSM610", "samplerate": 8000, "channels": 1} if file.suffix == ".gsm" else {}
    sound, rate = soundfile.read(file, **raw)
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 0.03)
    margin = rate // 50
    return sound[max(loud[0] - margin, 0) : loud[-1] + margin], rate


def write(out, side, label, name, sound, rate):
    folder = out / side / label
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / f"{name}.wav", np.clip(sound, -1, 1), rate, subtype="PCM_16")


def digits(found, out, is_held_out):
    """The words for 0 to 9 of each voice; `is_held_out` of the voice's place, its name and the digit."""
    for place, (voice, files) in enumerate(found.items()):
        by_name = {file.stem: file for file in files if file.parent.name == "digits"}
        for digit in range(10) if by_name else []:
            # Languages with grammatical gender have only forms of "one".
            names = [name for name in (str(digit), f"{digit}m", f"{digit}M", f"{digit}f", f"{digit}F") if name in by_name]
            if not names:
                print(f"{voice} has no {digit}")
                continue
            sound, rate = word(by_name[names[0]])
            held_out = is_held_out(place, voice, digit)
            for speed in SPEEDS[:1] if held_out else SPEEDS[:COPIES]:
                said = sound if speed == 1000 else resample_poly(sound, speed, 1000)
                write(out, "test" if held_out else "train", str(digit), f"{voice}-{speed}", said, rate)


def prompts(found, out):
    for voice, files in found.items():
        short = [file for file in files if 0.1 <= soundfile.info(file).duration <= LONGEST]
        for index, file in enumerate(short):
            sound, rate = word(file)
            write(out, "test" if index % 5 == 4 else "train", voice, f"{file.parent.name}-{file.stem}", sound, rate)


def main(kind, out, *packages):
    make = {
        "digits": lambda found, out: digits(found, out, lambda place, _, digit: digit % len(found) == place),
        "words": lambda found, out: digits(found, out, lambda _, voice, digit: voice in FURTHER),
        "voices": prompts,
    }[kind]
    out = Path(out)
    with tempfile.TemporaryDirectory() as folder:
        for package in packages:
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        make(voices(Path(folder)), out)
        licences = Path(folder, "usr/share/doc").glob("asterisk-*/copyright")
        (out / "LICENCES.txt").write_text("\n\n".join(file.read_text() for file in sorted(licences)))
    for side in ["train", "test"]:
        counts = {label.name: len(list(label.glob("*.wav"))) for label in sorted((out / side).iterdir())}
        print(side, sum(counts.values()), counts)


if __name__ == "__main__":
    main(*sys.argv[1:])
