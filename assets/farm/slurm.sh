#!/usr/bin/env bash
#SBATCH --job-name=shiage
#SBATCH --array=1-15
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --requeue
# Colours a shot as a Slurm job array: each task takes FRAMES_A_TASK frames, here 15 tasks of 8 frames for frames 1 to 120.
#
#   sbatch --export=ALL,SKETCHES='shot/*.png',REFERENCE=R.png,OUT=shot_color assets/farm/slurm.sh [options of `shiage sequence`]
#
# A task that is requeued leaves alone what is whole and takes over what its killed forerunner was at; with --redo it begins anew. OUT lies on a disk that
# all nodes see.
set -euo pipefail
frames=${FRAMES_A_TASK:-8}
first=$(((SLURM_ARRAY_TASK_ID - 1) * frames + 1))
last=$((first + frames - 1))
exec shiage sequence --sketches "$SKETCHES" --reference "$REFERENCE" --frames "$first-$last" --out "$OUT" \
  --wait --progress json --device "${DEVICE:-auto}" "$@"
