#!/usr/bin/env bash
# Builds page, table and CSV of each sweep in results/reference again, and compares table and CSV with the committed ones:
# scripts/check_reference.sh [--update] [RUNNER]
#
# `--update` writes them instead. Pages go to target/reference.
set -euo pipefail
cd "$(dirname "$0")/.."
update=
[ "${1:-}" = --update ] && update=1 && shift
runner=${1:-target/debug/runner}

drift=0
# Compares what comes in with a file, or writes it there.
committed() {
    if [ -n "$update" ]; then
        cat >"$1"
    else
        diff -u "$1" - || drift=1
    fi
}
for plan in results/reference/*/plan.json; do
    [ -e "$plan" ] || continue
    folder=$(dirname "$plan")
    "$runner" report "$folder" --out "target/reference/$(basename "$folder")" >/dev/null
    committed "$folder/table.md" < <("$runner" report "$folder" --format md)
    committed "$folder/runs.csv" < <("$runner" export "$folder")
    echo "$folder: page in target/reference/$(basename "$folder")"
done
[ "$drift" = 0 ] || { echo "a file differs from the committed one: scripts/check_reference.sh --update writes them again" >&2; exit 1; }
