#!/usr/bin/env bash
# Training steps and sweeps side by side with PyTorch, Keras, JAX and Hydra:
# scripts/bench_peers.sh [--quick] [--rounds N] [--only steps|sweeps]
#
# Needs Linux, and python3 with venv. The first time it sets the peers up by pip (7 GB, most of it the CUDA libraries without
# which PyTorch's wheel does not load) in $PEERS, by default ~/.cache/gan-peers. It prints ratios and writes all that it
# measured, with the machine and the versions, to $RECORD, by default target/peers.json; the one of the README is
# docs/peers.json. It builds the program, unless $RUNNER is one. Let nothing else run meanwhile: rounds in turns make a busy
# machine fair, not quiet.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${RUNNER:-}" ] || cargo build --release --locked
peers=${PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/gan-peers}
exec python3 scripts/peers/compare.py "$peers" "$(realpath "${RUNNER:-target/release/runner}")" "${RECORD:-target/peers.json}" "$@"
