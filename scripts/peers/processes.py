"""Commands, with what they took: time, and the memory of all their processes together."""

import os
import subprocess
import threading
import time


def run(command, environment=None):
    """Standard output, seconds, and the largest sum of the processes' proportional memory in MiB, looked at ten times a second."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command],
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ended, peak = threading.Event(), [0.0]

    def watch():
        while not ended.wait(0.1):
            peak[0] = max(peak[0], sum(map(memory, family(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, errors = process.communicate()
    seconds = time.monotonic() - begin
    ended.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"`{' '.join(map(str, command))}` ended with {process.returncode}:\n{errors[-2000:]}")
    return output, seconds, peak[0]


def family(process):
    """The process and all that it has started, as far as they live."""
    found = [process]
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children") as children:
                for child in children.read().split():
                    found += family(int(child))
    except OSError:
        pass
    return found


def memory(process):
    """MiB; what several share is shared out among them."""
    try:
        with open(f"/proc/{process}/smaps_rollup") as lines:
            return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except OSError:
        return 0.0
