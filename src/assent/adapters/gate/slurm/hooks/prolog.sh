#!/bin/sh
# PrologSlurmctld: a job starts only if the gate admits it. One that it does not admit is
# held, with the reason as its AdminComment, for its owner to mend and to release.
PATH=@PATH@ SLURM_CONF=@CONF@
export PATH SLURM_CONF
said=$(@ASK@ start 2>&1) && exit 0
job=${SLURM_HET_JOB_ID:-$SLURM_JOB_ID}
if [ -n "${SLURM_ARRAY_JOB_ID:-}" ]; then job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID; fi
scontrol update "JobId=$job" "AdminComment=${said:-The gate could not be asked.}"
scontrol uhold "$job"
exit 1
