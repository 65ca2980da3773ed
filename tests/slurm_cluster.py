"""A real Slurm of two nodes with made-up chips, in a folder, on the loopback alone."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.small_gate import wait_for

CLUSTER = "toy"
CHIPS = 16  # of a node
NODES = ("n0", "n1")
KILL_WAIT_S = 2
_DAEMONS = ("munged", "slurmctld", "slurmd")
_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
_CONF = """\
ClusterName=toy
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
SlurmctldPort={port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=2
SwitchType=switch/none
MailProg=/bin/true
KillWait={kill_wait_s}
ReturnToService=2
SlurmdParameters=config_overrides
GresTypes=gpu
JobSubmitPlugins=lua
PrologSlurmctld={folder}/hooks/prolog.sh
EpilogSlurmctld={folder}/hooks/epilog.sh
NodeName=DEFAULT CPUs=16 Gres=gpu:h100:16
NodeName=n0 NodeHostname={host} NodeAddr=127.0.0.1 Port={port_0}
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={port_1}
PartitionName=all Nodes=n[0-1] Default=YES MaxTime=30-0 DefaultTime=10
"""


@dataclass(frozen=True)
class SlurmCluster:
    """A cluster at work; jobs are root's, since the node has no other users."""

    folder: Path

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run one of Slurm's commands."""
        return subprocess.run(  # noqa: S603 - Slurm's own commands
            command,
            env=environment(self.folder),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def submit(self, *options: str, script: str = "sleep 60") -> str:
        """Submit a job, and return its number.

        Raises:
            ValueError: if it is refused, with what its owner reads.

        """
        self.folder.joinpath("job.sh").write_text(f"#!/bin/sh\n{script}\n")
        wanted = ["--parsable", "-o", "job-%A-%a.out", "-A", "labs", *options]
        done = self.run("sbatch", *wanted, "job.sh")
        if done.returncode:
            raise ValueError(done.stderr)
        return done.stdout.strip()

    def state(self, job: str) -> str:
        """Return a job's state; empty if Slurm has forgotten it."""
        said = self.run("squeue", "-h", "-r", "-t", "all", "-j", job, "-o", "%T")
        return said.stdout.strip()

    def waits_for(self, job: str, *states: str) -> None:
        """Wait until a job is in one of these states."""
        wait_for(lambda: self.state(job) in states)

    def shown(self, job: str) -> str:
        """Return what Slurm says of a job."""
        return self.run("scontrol", "show", "job", job).stdout


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which commands speak to the cluster of a folder."""
    return {**os.environ, "PATH": _PATH, "SLURM_CONF": str(folder / "slurm.conf")}


@contextmanager
def slurm_cluster(folder: Path) -> Iterator[SlurmCluster]:
    """Yield a cluster whose hooks are in `folder/hooks`; skip where there is no Slurm.

    Jobs that are left are killed at the end.
    """
    missing = [name for name in _DAEMONS if shutil.which(name, path=_PATH) is None]
    if missing or os.geteuid() != 0:
        pytest.skip("needs Slurm, munge and root")
    _configure(folder)
    cluster = SlurmCluster(folder)
    with ExitStack() as running:
        _start(running, folder, "munged", "-F", "--force", *_munge(folder))
        wait_for((folder / "munge.sock").exists)
        _start(running, folder, "slurmctld", "-D", "-c")
        wait_for(lambda: "UP" in cluster.run("scontrol", "ping").stdout)
        for node in NODES:
            (folder / "spool" / node).mkdir()
            _start(running, folder, "slurmd", "-D", "-c", "-N", node)
        wait_for(lambda: cluster.run("sinfo", "-h", "-o", "%T").stdout == "idle\n")
        try:
            yield cluster
        finally:
            _end_jobs(cluster)


def _munge(folder: Path) -> list[str]:
    names = {"socket": "sock", "key-file": "key", "pid-file": "pid"}
    names |= {"seed-file": "seed", "log-file": "log"}
    return [f"--{option}={folder}/munge.{name}" for option, name in names.items()]


def _configure(folder: Path) -> None:
    for name in ("state", "spool", "chips"):
        (folder / name).mkdir()
    for number in range(CHIPS):
        (folder / "chips" / f"h{number}").touch()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    host = socket.gethostname().split(".")[0]
    port = 20_000 + os.getpid() % 10_000 * 3
    conf = _CONF.format(
        folder=folder,
        host=host,
        port=port,
        port_0=port + 1,
        port_1=port + 2,
        kill_wait_s=KILL_WAIT_S,
    )
    (folder / "slurm.conf").write_text(conf)
    (folder / "gres.conf").write_text(
        f"NodeName=n[0-1] Name=gpu Type=h100 File={folder}/chips/h[0-{CHIPS - 1}]\n"
    )
    (folder / "cgroup.conf").write_text("CgroupAutomount=no\nCgroupPlugin=cgroup/v1\n")
    shutil.copy(folder / "hooks" / "job_submit.lua", folder)


def _start(running: ExitStack, folder: Path, *command: str) -> None:
    with (folder / f"{command[0]}.out").open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - Slurm's own daemons
            command, env=environment(folder), stdout=out, stderr=out
        )
    running.callback(_stop, process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_jobs(cluster: SlurmCluster) -> None:
    for job in cluster.run("squeue", "-h", "-r", "-o", "%i").stdout.split():
        cluster.run("scancel", "--full", "--signal=KILL", job)
        cluster.run("scancel", job)
    last = time.monotonic() + 15
    while cluster.run("squeue", "-h").stdout and time.monotonic() < last:
        time.sleep(0.2)
