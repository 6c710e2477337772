#!/usr/bin/env bash
# Builds page and table of each sweep in results/reference again, and compares the table with the committed one:
# scripts/check_reference.sh [--update] [RUNNER]
#
# `--update` writes the tables instead. Pages go to target/reference.
set -euo pipefail
cd "$(dirname "$0")/.."
update=
[ "${1:-}" = --update ] && update=1 && shift
runner=${1:-target/debug/runner}

drift=0
for plan in results/reference/*/plan.json; do
    [ -e "$plan" ] || continue
    folder=$(dirname "$plan")
    "$runner" report "$folder" --out "target/reference/$(basename "$folder")" >/dev/null
    table=$("$runner" report "$folder" --format md)
    if [ -n "$update" ]; then
        echo "$table" >"$folder/table.md"
    else
        diff -u "$folder/table.md" <(echo "$table") || drift=1
    fi
    echo "$folder: page in target/reference/$(basename "$folder")"
done
[ "$drift" = 0 ] || { echo "a table differs from the committed one: scripts/check_reference.sh --update writes them again" >&2; exit 1; }
