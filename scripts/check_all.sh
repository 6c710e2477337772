#!/usr/bin/env bash
# What takes too long for .ci/run, and .ci/run itself: before a release, and before an issue is closed.
#
# Takes one to two hours and some gigabytes of Python packages (PyTorch, TensorFlow, JAX). Skips fail as in CI. The tiles of AMX
# are only tested on a processor that has them.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never CI=true

step() { printf '\n== %s\n' "$*"; }

step "what CI runs"
.ci/run

step "faults of a cluster, once more"
cargo test --package tests --test integration --locked slurm::

step "a released binary"
cargo build --profile dist --locked
runner=target/dist/runner
"$runner" --version

step "every preset trains"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
"$runner" sweep experiments/smoke.yaml --results "$results"

step "exported weights in PyTorch"
"$(scripts/venv.sh weights)/python" scripts/check_weights.py "$runner"

step "exported generators of every preset in PyTorch"
"$(scripts/venv.sh weights)/python" scripts/check_python.py "$runner"

step "the Python package and its notebook"
"$(scripts/venv.sh weights)/python" scripts/check_package.py "$runner"

step "the FID beside pytorch-fid"
"$(scripts/venv.sh inception)/python" scripts/inception_fixtures.py distance "$runner"

step "distances beside SciPy, scikit-learn and prdc"
"$(scripts/venv.sh distances)/python" scripts/metric_speed.py "$runner"

step "a round beside PyTorch, Keras, JAX and Hydra"
scripts/bench_peers.sh --quick
