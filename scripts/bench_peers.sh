#!/usr/bin/env bash
# Training steps and sweeps side by side with PyTorch, Keras, JAX and Hydra: scripts/bench_peers.sh [--quick] [--rounds N] [steps|sweeps]
#
# The first time it sets the peers up by pip (7 GB, most of it the CUDA libraries without which PyTorch's wheel does not load)
# in $PEERS, by default ~/.cache/gan-peers. It prints ratios and writes all that it measured, with the machine and the
# versions, to $RECORD, by default target/peers.json. Let nothing else run meanwhile: rounds in turns make a busy machine fair,
# not quiet.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/gan-peers}
for peer in torch keras jax; do
    wanted=scripts/peers/requirements/$peer.txt
    cmp -s "$wanted" "$peers/$peer/requirements.txt" && continue
    echo "setting up $peer in $peers/$peer"
    python3 -m venv "$peers/$peer"
    "$peers/$peer/bin/pip" install -q --no-cache-dir -r "$wanted"
    cp "$wanted" "$peers/$peer/requirements.txt" # Last: it says that all is there.
done
cargo build --release --locked
exec python3 scripts/peers/compare.py "$peers" "$PWD/target/release/runner" "${RECORD:-target/peers.json}" "$@"
