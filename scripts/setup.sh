#!/usr/bin/env bash
# Installs what the checks need beside Rust, on Debian and Ubuntu: python3 with venv, npm, a Chromium. Asks for root.
set -euo pipefail
packages=()
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
command -v npm >/dev/null || packages+=(npm)
# Ubuntu's package `chromium` is a snap, which headless tests cannot use; its machines come with Chrome.
command -v chromium chromium-browser google-chrome >/dev/null || packages+=(chromium)
[ ${#packages[@]} != 0 ] || exit 0
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
