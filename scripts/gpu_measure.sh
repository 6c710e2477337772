#!/usr/bin/env bash
# What a machine with a GPU is asked: scripts/gpu_measure.sh PART RUNNER [RECORD]
#
# PART is `tests`, `steps`, `packing` or `study`; each takes less than eight minutes, and says so where it had to stop before its
# end. RUNNER is the program with the feature `cuda`, built here (`cargo build --profile dist --features cuda`) or carried.
# Beside Python 3, of the standard library alone, `steps` and `packing` use PyTorch if the machine has one. What was measured is
# added to RECORD, by default target/gpu.json; docs/gpu.json is the one that the book quotes.
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:?usage: scripts/gpu_measure.sh tests|steps|packing|study RUNNER [RECORD]}
runner=$(realpath "${2:?usage: scripts/gpu_measure.sh PART RUNNER [RECORD]}")
exec timeout --signal=INT 475 python3 scripts/peers/gpu.py "$part" "$runner" "${3:-target/gpu.json}"
