#!/usr/bin/env bash
# Prints the folder of the executables of a Python environment with the packages of scripts/requirements/NAME.txt:
# "$(scripts/venv.sh NAME)/python" SCRIPT
#
# It is made in target/python/NAME the first time, and again when the file has changed.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
wanted=$root/scripts/requirements/$1.txt
folder=$root/target/python/$1
if ! cmp -s "$wanted" "$folder/requirements.txt"; then
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install -q --disable-pip-version-check -r "$wanted" >&2
    cp "$wanted" "$folder/requirements.txt"
fi
echo "$folder/bin"
