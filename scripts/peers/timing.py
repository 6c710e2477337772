"""How long a step takes."""

import statistics
import time


def median_milliseconds(step, seconds):
    """Of so many seconds of steps, eight at least, after three that do not count."""
    for _ in range(3):
        step()
    times, began = [], time.perf_counter()
    while len(times) < 8 or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)
