#!/usr/bin/env bash
# Passes the tests, installing the system packages that they need. `tests/run.sh --features remote` passes those of remote devices too, on a program that is
# built with them; `tests/run.sh lint` runs clippy instead.
set -euo pipefail
cd "$(dirname "$0")/.."

# A software Vulkan for the GPU path, a virtual display for the window, one with a virtual pen, and the tools that drive them.
packages=(build-essential pkg-config mesa-vulkan-drivers libvulkan1 libegl1 libgl1-mesa-dri xvfb xclip xdotool
  libxkbcommon-x11-0 libx11-xcb1 libxcursor1 libxi6 libxrandr2 xserver-xorg-core xserver-xorg-video-dummy)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# Autotuning on a software adapter takes minutes for the first matmul; the tests need its results, not its speed.
export CUBECL_AUTOTUNE_LEVEL=0

if [[ "${1:-}" == lint ]]; then
  exec cargo clippy --release --workspace --all-targets -- -D warnings
fi
features=()
if [[ "${1:-}" == --features ]]; then
  features=("$1" "$2")
  shift 2
fi
# What the tests fetch comes from servers of their own, which no proxy reaches.
export NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}${no_proxy:+,$no_proxy}"
export no_proxy=$NO_PROXY
# The window tests drive the built program, so it comes first.
cargo build --release --workspace "${features[@]}"
# All that fails shows in one round.
exec cargo test --release --workspace --no-fail-fast "${features[@]}" "$@"
