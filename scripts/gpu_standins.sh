#!/usr/bin/env bash
# Builds the program with the features `cuda` and `wgpu` and tries it without a GPU: scripts/gpu_standins.sh [DIR]
#
# NVIDIA's driver is a stand-in whose kernels do nothing (tests/gpu/standin), Vulkan is Mesa's software driver. DIR holds a Debian
# tree (scripts/gpu_tree.sh) and the build, 10 GB in all; by default target/gpu. The first build takes 40 minutes of processor
# time, the tests ten minutes. To be run whenever code of devices has changed; UPDATE_CASES=1 rewrites the table of launches in
# docs/performance.md.
#
# RUNNER_GPU_FEATURES=wgpu builds one of them. On a machine that reaches the web, RUNNER_GPU_TREE=off builds without the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never
mkdir -p "${1:-target/gpu}/build"
folder=$(cd "${1:-target/gpu}" && pwd)
features=${RUNNER_GPU_FEATURES:-cuda,wgpu}
inside() { if [ "${RUNNER_GPU_TREE:-on}" = off ]; then "$@"; else scripts/gpu_tree.sh "$folder" "$@"; fi; }
began=$SECONDS
step() { printf '\n== %s (%d s)\n' "$*" $((SECONDS - began)); }

step "a tree, libdevice and ptxas"
inside true
cargo fetch --locked
toolkit=$(echo "$(scripts/venv.sh cuda)"/../lib/python3*/site-packages/nvidia/cuda_nvcc)

step "the program with $features"
# Optimised a little and not as a whole: what is tried is the way to the device.
settings=(CARGO_TARGET_DIR="$folder/build" CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0)
inside env "${settings[@]}" cargo build --locked --package runner --features "$features"

program=$folder/build/debug/runner
step "its size"
# It is carried to machines with a GPU. A released one, which is optimised as a whole, is smaller.
inside strip -o "$program.stripped" "$program"
size=$(xz -T0 -3 --stdout "$program.stripped" | wc -c)
echo "stripped and compressed: $((size >> 20)) MiB"
[ "$size" -lt $((50 << 20)) ] || { echo "more than 50 MiB" >&2; exit 1; }

step "tests on the stand-ins"
inside env "${settings[@]}" RUNNER_GPU_PROGRAM="$program" RUNNER_GPU_FEATURES="$features" RUNNER_GPU_TOOLKIT="$toolkit" \
    ${UPDATE_CASES:+UPDATE_CASES=1} \
    cargo test --locked --package tests --test gpu -- --test-threads 2

case ,$features, in *,wgpu,*)
    step "training tests on software Vulkan"
    # As workers have it: Burn's default device, to which records are read, needs no driver.
    inside env "${settings[@]}" BURN_DEVICE=flex RUNNER_TEST_DEVICE=vulkan:0 cargo test --locked --package training --features "$features" --test integration -- gpu::
esac
step done
