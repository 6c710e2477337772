"""Results of `runner` in Python.

    from runner_results import load
    load("results/lr").runs
"""

from .program import RunnerError
from .results import Results, load

__all__ = ["Results", "RunnerError", "load"]
