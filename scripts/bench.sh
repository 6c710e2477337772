#!/usr/bin/env bash
# The project's benchmarks: a training step, the metrics, an evaluation, the runner's own cost per run, large plans,
# large finished sweeps.
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

echo "== distances of 10,000 real and 10,000 fake samples of 128 features (median of 3)"
cargo bench --locked -p metrics --bench distances 2>/dev/null

seconds() { # of a command, best of three, and its largest memory; microseconds and KiB
    for _ in 1 2 3; do
        rm -rf "$work/results"
        once "$@"
    done | sort -n | head -1
}

once() {
    local from=$EPOCHREALTIME
    /usr/bin/time -o "$work/memory" -f %M "$@" --results "$work/results" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
    local to=$EPOCHREALTIME
    echo $((${to/./} - ${from/./})) "$(tail -1 "$work/memory")"
}

cat >"$work/one.yaml" <<'YAML'
run: { model: { preset: mlp }, train: { steps: 1 }, sample: { count: 16 } }
YAML
sed '$a sweep: { seeds: 1000 }' "$work/one.yaml" >"$work/many.yaml"
cat >"$work/grid.yaml" <<'YAML'
run:
  model: { preset: mlp, generator: { hidden: [1] }, discriminator: { hidden: [1] } }
  train: { steps: 1, batch_size: 1 }
  sample: { count: 1 }
sweep:
  grid: { train.*.lr: { logspace: [1e-5, 1e-2, 100] }, train.batch_size: { range: [1, 10, 1] } }
  seeds: 10
YAML

python3 scripts/made_up_sweep.py "$work/made-up" --rates 25 --seeds 5 --points 1000
read -r report report_memory < <(
    for _ in 1 2 3; do
        from=$EPOCHREALTIME
        /usr/bin/time -o "$work/memory" -f %M "$runner" report "$work/made-up" >/dev/null
        to=$EPOCHREALTIME
        echo $((${to/./} - ${from/./})) "$(tail -1 "$work/memory")"
    done | sort -n | head -1
)
page=$(stat -c %s "$work/made-up/report.html")

echo "== a one-step run evaluated once, 1,000 samples against both splits: seconds (of the processor)"
echo 'run: { model: { preset: cgan }, train: { steps: 1 }, sample: { count: 16 } }' >"$work/classes.yaml"
for metrics in none frechet,kid,prdc sliced_wasserstein nearest_neighbour neighbours ms_ssim ms_ssim_by_class \
    classification_accuracy inception_score; do
    evaluate=$metrics
    [[ $metrics == none ]] || evaluate="{ count: 1000, metrics: [$metrics] }"
    echo -n "$metrics:"
    for what in "with its floors" "floors known"; do
        rm -rf "$work/evaluated/classes"
        /usr/bin/time -o "$work/time" -f "%e (%U)" "$runner" sweep "$work/classes.yaml" --quiet \
            --set run.evaluate="$evaluate" --results "$work/evaluated" >/dev/null
        echo -n " $what $(cat "$work/time")"
    done
    echo
done

read -r one _ < <(seconds "$runner" sweep "$work/one.yaml" --quiet)
read -r many _ < <(seconds "$runner" sweep "$work/many.yaml" --quiet)
read -r plan memory < <(seconds "$runner" plan "$work/grid.yaml")
rm -rf "$work/results"
once "$runner" sweep "$work/grid.yaml" --quiet >/dev/null
read -r resumed _ < <(for _ in 1 2 3; do once "$runner" sweep "$work/grid.yaml"; done | sort -n | head -1)
echo
echo "== whole commands (best of three)"
echo "a sweep of one one-step mlp run, report included: $((one / 1000)) ms"
echo "a sweep of 1,000 one-step mlp runs, report included: $((many / 1000)) ms, $((many / 1000)) us a run"
echo "a plan of 10,000 runs: $((plan / 1000)) ms, $((memory / 1024)) MiB"
echo "a sweep of 10,000 finished runs: $((resumed / 1000)) ms"
echo "a report of 500 runs, 1,000 points of 6 scalars each: $((report / 1000)) ms, $((report_memory / 1024)) MiB, page $((page / 1000)) kB"
