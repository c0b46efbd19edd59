#!/usr/bin/env bash
# Measures a GPU in less than ten minutes, once built: `bash tests/gpu.sh PYTHON`, where PYTHON has PyTorch for that GPU, safetensors and numpy.
# The network of the published size, in half precision, at 512x512: a step, the decoder and the image tower beside PyTorch's on the same card, with the
# card's matrix rate; what a person waits for, and memory, with and without `--offload`; the window's frames beside the engine. Each part prints a table
# and a line of JSON. Its weights, random ones, are kept in $SHIAGE_RANDOM (3.5 GB; by default in the folder of temporary files).
#
# Arguments after PYTHON take the place of the benchmarks' own, with few frames: `bash tests/gpu.sh PYTHON --device cpu --half` shows on any machine that
# all of it runs. On a machine without Rust, $SHIAGE_BENCHES is a folder with the programs random_checkpoint, vs_torch, job and studio, as cargo builds them
# into target/release/examples and target/release/deps (there with a number, which is left out); they look for the sources at the path where they were built.
set -uo pipefail

python=${1:?"name a Python that has PyTorch, safetensors and numpy"}
shift
# Benchmarks run in folders of their own.
[[ $python != */* || $python == /* ]] || python=$PWD/$python
[[ -z ${SHIAGE_BENCHES:-} ]] || SHIAGE_BENCHES=$(realpath -m "$SHIAGE_BENCHES")
checkpoint=$(realpath -m "${SHIAGE_RANDOM:-${TMPDIR:-/tmp}/shiage-random.safetensors}")
cd "$(dirname "$0")/.." || exit

arguments=(--device gpu --half --model "$checkpoint" --size 512x512)
frames=1000
if (($#)); then
  arguments=("$@")
  frames=50
elif [[ ! -f $checkpoint ]]; then
  if [[ -z ${SHIAGE_BENCHES:-} ]]; then
    cargo build --release --workspace --example random_checkpoint || exit
  fi
  "${SHIAGE_BENCHES:-${CARGO_TARGET_DIR:-target}/release/examples}/random_checkpoint" "$checkpoint.partial" || exit
  mv "$checkpoint.partial" "$checkpoint"
fi
[[ -n ${SHIAGE_BENCHES:-} ]] || cargo bench --workspace --bench vs_torch --bench job --bench studio --no-run || exit

failed=0
# SECONDS BENCHMARK ARGUMENTS: a part that takes longer is ended, and the next one begins.
measure() {
  local seconds=$1 name=$2
  shift 2
  echo
  echo "$name $*"
  if [[ -n ${SHIAGE_BENCHES:-} ]]; then
    timeout "$seconds" "$SHIAGE_BENCHES/$name" "$@"
  else
    timeout "$seconds" cargo bench -q --workspace --bench "$name" -- "$@"
  fi || failed=1
}
measure 240 vs_torch "${arguments[@]}" --python "$python" --runs 20
measure 90 job "${arguments[@]}" --jobs 5
measure 90 job "${arguments[@]}" --jobs 2 --offload
measure 120 studio "${arguments[@]}" --frames "$frames"
exit $failed
