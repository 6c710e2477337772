#!/usr/bin/env bash
# What takes too long for .ci/run, and .ci/run itself: before a release, and before an issue is closed.
#
# Skips fail as in CI. The tiles of AMX are only tested on a processor that has them. Needs 20 GB of disk: most of that are three
# copies of PyTorch with CUDA's libraries, in target/python and ~/.cache/gan-peers.
#
# Processor minutes beside .ci/run, Slurm and the build, on two cores of an AMD EPYC with AVX-512: every preset 0.9, weights 0.1,
# every preset in PyTorch 3.3, the package 0.2, distances 3.7, the FID more than 5, the round beside the peers more than 8 with
# their installation; three environments of Python 2.8.
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
RUNNER=$runner scripts/bench_peers.sh --quick
