"""One or more sweeps' results."""

import importlib.util
import json
import re
import tempfile
from functools import cached_property
from pathlib import Path

import pandas
from PIL import Image

from .program import Program


def load(*folders, program=None):
    """The results of sweeps, by their folders: `load("results/lr")`.

    `program` is the executable `runner`, where it is neither on PATH nor built in the clone that the results lie in.
    """
    if not folders:
        raise TypeError("load() needs a sweep's folder, such as results/lr")
    return Results(folders, program)


class Results:
    """Tables are read when they are first asked for; `load` again to see what a sweep has trained since.

    A `run` is a run's id or the beginning of it.
    """

    def __init__(self, folders, program=None):
        self.folders = [Path(folder) for folder in folders]
        self._program = Program(program, self.folders[0])
        # A folder that is no sweep's is found out here.
        self.runs  # noqa: B018

    def __repr__(self):
        return f"load({', '.join(repr(str(folder)) for folder in self.folders)}): {len(self.runs)} runs"

    @cached_property
    def runs(self):
        """A DataFrame with a row a run, by its id: outcome, settings as `train.generator.lr`, metrics as `metrics.frechet`
        and, at the step that stands for the run, `selected.frechet`."""
        table = pandas.DataFrame(self._export()).set_index("id")
        # What is not finite comes as a word.
        words = [name for name in table.select_dtypes(exclude="number") if name.startswith(("metrics.", "selected."))]
        return table.astype(dict.fromkeys(words, float))

    @cached_property
    def curves(self):
        """A DataFrame with a row a recorded value: run, step, name, value."""
        table = pandas.DataFrame(self._export("--curves"), columns=["run", "step", "name", "value"])
        return table.astype({"step": int, "value": float})

    def samples(self, run):
        """The recorded grids of samples, `{step: PIL image}`; all of a run start from the same latent vectors."""
        files = (self._folder(run) / "samples").glob("step-*.png")
        steps = {int(found[1]): file for file in files if (found := re.fullmatch(r"step-(\d+)\.png", file.name))}
        return {step: _picture(steps[step]) for step in sorted(steps)}

    def generator(self, run, step=None):
        """The averaged generator of the newest checkpoint, or of that of a step, as a PyTorch module.

        `generator.sample(16, seed=1)` is images `[16, channels, height, width]` in [-1, 1], or points `[16, dimensions]`.
        Needs torch and safetensors.
        """
        with tempfile.TemporaryDirectory() as target:
            self._program("export", self._folder(run), "--python", target, *(["--step", step] if step is not None else []))
            spec = importlib.util.spec_from_file_location("generator", Path(target) / "generator.py")
            module = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except ModuleNotFoundError as missing:
                raise ModuleNotFoundError(f"generators need {missing.name}: pip install torch safetensors") from missing
            return module.Generator()

    def _export(self, *options):
        return json.loads(self._program("export", "--format", "json", *options, "--", *self.folders))

    def _folder(self, run):
        ids = [run] if run in self.runs.index else [id for id in self.runs.index if id.startswith(run)]
        if len(ids) != 1:
            many = f"begins the ids of {len(ids)} runs" if ids else "begins the id of no run"
            raise LookupError(f"{run!r} {many}; ids are the index of `.runs`")
        folders = [sweep / "runs" / ids[0] for sweep in self.folders]
        return next((folder for folder in folders if folder.is_dir()), folders[0])


def _picture(file):
    with Image.open(file) as picture:
        picture.load()
        return picture
