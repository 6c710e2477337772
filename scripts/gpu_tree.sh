#!/usr/bin/env bash
# Runs a command in a Debian tree that has what the features `cuda` and `wgpu` are built and tried with, where the machine itself
# does not reach the web: scripts/gpu_tree.sh DIR COMMAND...
#
# cubecl-cuda links an LLVM that its build script downloads. Debian's LLVM 22 has every symbol of it that is used, and generates
# PTX that NVIDIA's assembler takes. Few machines have a Debian of that age, so its packages are unpacked into DIR/root, with a
# compiler and Mesa's software Vulkan, and nothing is installed on the machine. This needs root, apt-get of Debian or Ubuntu,
# 0.4 GB of downloads and 2 GB of disk; it takes about a minute the first time. What is
# built belongs into DIR/build. Nothing is downloaded in the tree: `cargo fetch` first. A machine that reaches the web needs none
# of this.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
tree=$(mkdir -p "${1:?usage: scripts/gpu_tree.sh DIR COMMAND...}/build" && cd "$1" && pwd)
shift
root=$tree/root
packages=(base-files bash coreutils dash debianutils diffutils findutils gcc git g++ grep gzip hostname libc-bin libc6-dev
    libvulkan1 libxml2-dev libz3-dev libzstd-dev llvm-22-dev mesa-vulkan-drivers procps python3-minimal sed tar util-linux zlib1g-dev)

unpack() {
    local apt=$tree/apt
    mkdir -p "$apt"/{state/lists/partial,cache/archives/partial}
    local mirror
    mirror=$(grep -rhoE 'https?://[^ ]*/debian/? ' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 || true)
    mirror=${mirror:-$(grep -rhoE '^URIs: https?://[^ ]*/debian/?$' /etc/apt/sources.list.d 2>/dev/null | head -1 | cut -d' ' -f2)}
    local key=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$key] ${mirror:?no mirror of Debian in /etc/apt} forky main" >"$apt/sources.list"
    local options=(-q -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/none -o "Dir::State::lists=$apt/state/lists"
        -o "Dir::Cache=$apt/cache" -o Dir::State::status=/dev/null -o DPkg::Lock::Timeout=300)
    apt-get "${options[@]}" update
    apt-get "${options[@]}" install --download-only -y --no-install-recommends "${packages[@]}"
    rm -rf "$root.part"
    mkdir -p "$root.part"/{usr/{bin,lib,lib64,sbin},dev,proc,tmp,etc,root}
    for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$root.part/$folder"; done
    for package in "$apt"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -C "$root.part" -x --keep-directory-symlink
    done
    # What maintainers' scripts would do.
    ln -sf gcc "$root.part/usr/bin/cc"
    ln -sf g++ "$root.part/usr/bin/c++"
    ln -sf mawk "$root.part/usr/bin/awk"
    printf 'root:x:0:0:root:/root:/bin/bash\n' >"$root.part/etc/passwd"
    printf '127.0.0.1 localhost\n' >"$root.part/etc/hosts"
    bundle "$root.part"
    rm -rf "$apt/cache"
    mv "$root.part" "$root"
}

# Makes Debian's LLVM look like the bundle.
bundle() {
    local place=usr/share/llvm-bundle/tracel/tracel-llvm-23.1.0-4
    mkdir -p "$1/$place/bin"
    ln -s /usr/lib/llvm-22/lib "$1/$place/lib"
    ln -s /usr/lib/llvm-22/include "$1/$place/include"
    touch "$1/$place/.tracel-llvm-installed"
    cat >"$1/$place/bin/llvm-config" <<CONFIG
#!/bin/sh
case "\$*" in
  *--system-libs*) echo "-lrt -ldl -lm -lz3 -lz -lzstd -lxml2" ;;
  *--includedir*) echo "/$place/include" ;;
  *--libdir*) echo "/$place/lib" ;;
  *--cxxflags*) echo "-I/$place/include -std=c++17 -fno-exceptions -D_GNU_SOURCE -D__STDC_CONSTANT_MACROS -D__STDC_FORMAT_MACROS -D__STDC_LIMIT_MACROS" ;;
  *) /usr/lib/llvm-22/bin/llvm-config "\$@" | sed 's/-lPollyISL//g; s/-lPolly//g' ;;
esac
CONFIG
    chmod +x "$1/$place/bin/llvm-config"
}

[ -d "$root" ] || unpack >&2
[ $# -gt 0 ] || exit 0
cargo=${CARGO_HOME:-$HOME/.cargo} rustup=${RUSTUP_HOME:-$HOME/.rustup}
common=$(cd "$repository" && cd "$(git rev-parse --git-common-dir)" && pwd)
# The mounts are seen by this command alone and end with it.
export tree root repository cargo rustup common here=$PWD
exec unshare --mount bash -c '
    set -euo pipefail
    for folder in /dev /proc /tmp "$repository" "$common" "$cargo" "$rustup" "$tree/build"; do
        mkdir -p "$root$folder" && mount --rbind "$folder" "$root$folder"
    done
    exec chroot "$root" /usr/bin/env -C "$here" HOME="$HOME" CARGO_HOME="$cargo" RUSTUP_HOME="$rustup" \
        PATH="$cargo/bin:/usr/bin:/usr/sbin" XDG_DATA_HOME=/usr/share/llvm-bundle CUDARC_CUDA_VERSION=12080 CARGO_NET_OFFLINE=true \
        XDG_RUNTIME_DIR=/tmp "$@"
' sh "$@"
