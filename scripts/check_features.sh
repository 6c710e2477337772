#!/usr/bin/env bash
# Whether one package alone builds the same Burn as the workspace: scripts/check_features.sh
#
# Cargo unites features over the packages that a command builds. A dependency of Burn with other features in
# `cargo test -p models` than in `cargo test --workspace` means that all of Burn is compiled twice, for minutes;
# crates/workspace-hack names it then.
set -euo pipefail
cd "$(dirname "$0")/.."
tree() { cargo tree --locked --prefix none "$@" | sed 's/ (.*)//' | sort -u; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree -p burn -e normal,build -f '{p}' >"$work/burn"
tree --workspace -f '{p} {f}' >"$work/workspace"
other=0
for selection in "-p models" "-p features" "-p training" "-p runner" "-p runner -e normal,build"; do
    # shellcheck disable=SC2086
    tree $selection -f '{p} {f}' | grep -Ff "$work/burn" | comm -23 - "$work/workspace" >"$work/other"
    [ ! -s "$work/other" ] || { echo "other features by $selection:" && cat "$work/other" && other=1; }
done
exit "$other"
