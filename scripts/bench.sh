#!/usr/bin/env bash
# The project's benchmarks: one training step, the runner's own cost per run, start to first step.
# Machines differ and are shared: compare only numbers of one call, and put them into docs/benchmarks.md with the date.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --release --locked
runner=target/release/runner

echo "== milliseconds of one training step, batch 64 (median of 15)"
cargo bench --locked -p training --bench step 2>/dev/null

seconds() { # of a command, best of three
    for _ in 1 2 3; do
        rm -rf "$work/results"
        local from=$EPOCHREALTIME
        "$@" --quiet --results "$work/results" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
        local to=$EPOCHREALTIME
        echo $((${to/./} - ${from/./}))
    done | sort -n | head -1
}

cat >"$work/one.yaml" <<'YAML'
run: { model: { preset: mlp }, train: { steps: 1 }, sample: { count: 16 } }
YAML
sed '$a sweep: { seeds: 200 }' "$work/one.yaml" >"$work/many.yaml"

one=$(seconds "$runner" sweep "$work/one.yaml")
many=$(seconds "$runner" sweep "$work/many.yaml")
echo
echo "== whole commands (best of three)"
echo "a sweep of one one-step mlp run, report included: $((one / 1000)) ms"
echo "a sweep of 200 one-step mlp runs, report included: $((many / 1000)) ms, $((many / 200)) us a run"
