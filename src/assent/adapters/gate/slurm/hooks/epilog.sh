#!/bin/sh
# EpilogSlurmctld: the gate settles what the job used. If it does not answer now, the
# monitor settles it later (assent gate slurm watch).
PATH=@PATH@ SLURM_CONF=@CONF@
export PATH SLURM_CONF
exec @ASK@ end
