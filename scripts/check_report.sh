#!/usr/bin/env bash
# Opens reports of made-up sweeps in a real TensorBoard and a real Chromium: scripts/check_report.sh [RUNNER]
#
# Needs python3 with venv, npm and a Chromium ($CHROMIUM names another), which scripts/setup.sh installs, and the package
# registries the first time; keeps what it fetched in target. Where something is missing it says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
runner=${1:-target/debug/runner}
tools=target/check-report
axe=axe-core-4.14.1

skip() { scripts/skip.sh check_report "$*"; exit; }

browser=${CHROMIUM:-$(command -v chromium chromium-browser google-chrome | head -1 || true)}
[ -n "$browser" ] || skip "there is no Chromium here"
command -v npm >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null || skip "there is no npm or no python3 with venv here"
mkdir -p "$tools"
python=$(scripts/venv.sh report)/python || skip "the package registry does not answer"
[ -f "$tools/package/axe.min.js" ] ||
    (cd "$tools" && npm pack -s "${axe/core-/core@}" >/dev/null && tar xzf "$axe.tgz" package/axe.min.js) || skip "the package registry does not answer"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CHROMIUM=$browser
for kind in "" "--hostile --sounds"; do
    sweep=$work/sweep${kind// /}
    # shellcheck disable=SC2086
    python3 scripts/made_up_sweep.py "$sweep" $kind
    "$runner" report "$sweep" >/dev/null
    "$python" scripts/check_tensorboard.py "$sweep/tensorboard" "$sweep/plan.json"
    "$python" scripts/check_page.py "$sweep/report.html" "$sweep/plan.json" --axe "$tools/package/axe.min.js"
done
