#!/bin/sh
# Sixteen workers as a Slurm array. They hold no state: sbatch as many as there is room for, scancel them when you like.
# BENCHCONV_FLEET_TOKEN and FLEET_SERVER come from the environment in which sbatch is called.
#SBATCH --array=1-16
#SBATCH --cpus-per-task=2
#SBATCH --time=08:00:00
#SBATCH --export=BENCHCONV_FLEET_TOKEN,FLEET_SERVER,PATH,HOME
exec npx benchconv fleet work --server "$FLEET_SERVER" --label linux-x64 --idle 60 \
  --name "slurm-$SLURM_ARRAY_JOB_ID-$SLURM_ARRAY_TASK_ID"
