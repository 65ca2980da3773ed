"""Slurm beside a gate: the hooks that ask it, and the commands that stop jobs.

gate's socket -> hooks in a folder;  cluster -> its jobs, signalled and cancelled
"""

from assent.adapters.gate.slurm.commands import SlurmCommands
from assent.adapters.gate.slurm.install import install_hooks

__all__ = ["SlurmCommands", "install_hooks"]
