"""The program `runner`, which reads the records."""

import shutil
import subprocess
from pathlib import Path


class RunnerError(Exception):
    """The program is missing, or refused what it was asked for; the message is its own."""


class Program:
    """The executable `path`, or else the one on PATH, or else the newest that a clone above `folder` has built."""

    def __init__(self, path, folder):
        self.path = path or shutil.which("runner") or _built_above(Path(folder).resolve())
        if not self.path:
            raise RunnerError(
                "there is no program `runner` on PATH, nor one built in a clone that the results lie in: "
                "`cargo install --path crates/runner`, or load(..., program=PATH)"
            )

    def __call__(self, *arguments):
        """Its standard output."""
        try:
            ended = subprocess.run([self.path, *map(str, arguments)], capture_output=True, encoding="utf-8")
        except OSError as error:
            raise RunnerError(f"{self.path} cannot be started: {error.strerror}") from error
        if ended.returncode:
            raise RunnerError(ended.stderr.strip() or f"{self.path} ended with {ended.returncode}")
        return ended.stdout


def _built_above(folder):
    profiles = [parent / "target" / profile / "runner" for parent in (folder, *folder.parents) for profile in ("release", "debug")]
    built = [file for file in profiles if file.is_file()]
    return max(built, key=lambda file: file.stat().st_mtime, default=None)
