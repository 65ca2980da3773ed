"""Ask the gate, for Slurm's hooks: the standard library only, so that it is quick.

submit, start or end + facts of Slurm's -> yes or no, and words

slurmctld waits for `submit` with its locks held, so this file is run by itself, without
a site directory (`python3 -I -S`), and leaves all judgement to the gate. It says `yes`
in its first line, or anything else, which means no.
"""

import json
import os
import socket
import sys

SUBMIT_S_MAX = 2.0  # submissions of others wait meanwhile
START_S_MAX = 30.0
ANSWER_BYTES_MAX = 1_000_000
NOT_ASKED = "The gate did not answer: {}. No job starts without it; ask its operator."
Facts = dict[str, str]


def main(arguments: list[str]) -> int:
    """Return 0 if the gate said yes."""
    path, event, *given = arguments
    try:
        if event == "submit":
            facts = dict(text.split("=", 1) for text in given)
            said = ask(path, {"verb": "check", "slurm": facts}, SUBMIT_S_MAX)
        elif event == "start":
            said = ask(path, {"verb": "admit", "slurm": allocation()}, START_S_MAX)
        elif others_run():
            said = {"ok": True, "words": "Other components of the job run on."}
        else:
            cluster, job_id = os.environ["SLURM_CLUSTER_NAME"], job_number()
            prefix = f"{cluster}/{job_id}/"
            said = ask(path, {"verb": "end", "prefix": prefix}, START_S_MAX)
    except (OSError, ValueError, KeyError) as error:
        said = {"ok": False, "message": NOT_ASKED.format(error), "remedy": ""}
    if said.get("ok") is True:
        sys.stdout.write(f"yes\n{said.get('words', '')}\n")
        return 0
    sys.stdout.write(f"{said.get('message')}\n{said.get('remedy')}\n")
    return 1


def ask(
    path: str, question: dict[str, object], seconds_max: float
) -> dict[str, object]:
    """Return what the gate says.

    Raises:
        OSError, ValueError: if it does not answer, or not so that it can be read.

    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(seconds_max)
        line.connect(path)
        line.sendall(json.dumps(question).encode() + b"\n")
        with line.makefile("rb") as answers:
            said = json.loads(answers.readline(ANSWER_BYTES_MAX))
    if not isinstance(said, dict):
        raise ValueError("it says something else")  # noqa: TRY004 - one error for what cannot be read
    return said


def allocation() -> Facts:
    """Return what Slurm says of the job that got its nodes.

    Comment and account come from the environment, for their owner may write new lines
    into what Slurm prints; what is read from there is the controller's own. Of a
    heterogeneous job each component asks for the whole, so that it is admitted once.
    """
    names = os.environ
    target = job_target()
    said = slurm("squeue", "-h", "-t", "all", "-j", target, "-O", _LIMITS)
    rows = [line.split() for line in said.splitlines()]
    first = [row for row in rows if row[0] == job_number()] or rows
    _, submitted_s, _ = first[0]
    return {
        "cluster": names["SLURM_CLUSTER_NAME"],
        "job_id": job_number(),
        "submitted_s": submitted_s,
        "restarts": names["SLURM_JOB_RESTART_COUNT"],
        "account": names.get("SLURM_JOB_ACCOUNT", ""),
        "comment": names.get("SLURM_JOB_COMMENT", ""),
        "time_limit": ",".join(limit for _, _, limit in rows),
        "detail": slurm("scontrol", "show", "job", "--detail", target),
    }


_LIMITS = "JobID:20 ,SubmitTime:30 ,TimeLimit:30"
_OVER = {"COMPLETING", "COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL"}
_OVER |= {"PENDING", "PREEMPTED", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY"}


def job_number() -> str:
    """Return the job's own number, or that of the job whose component it is."""
    return os.environ.get("SLURM_HET_JOB_ID") or os.environ["SLURM_JOB_ID"]


def others_run() -> bool:
    """Return whether other components of a heterogeneous job run on."""
    whole, own = os.environ.get("SLURM_HET_JOB_ID"), os.environ["SLURM_JOB_ID"]
    if not whole:
        return False
    said = slurm("squeue", "-h", "-t", "all", "-j", whole, "-O", "JobID:20 ,State:20")
    rows = [line.split() for line in said.splitlines()]
    return any(number != own and state not in _OVER for number, state in rows)


def job_target() -> str:
    """Return what Slurm's commands call the job alone, without its array's others."""
    array = os.environ.get("SLURM_ARRAY_JOB_ID")
    return f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}" if array else job_number()


def slurm(*command: str) -> str:
    """Return what a command of Slurm's prints.

    Raises:
        OSError: if it fails.

    """
    import subprocess  # noqa: PLC0415 - submissions do not wait for it

    try:
        done = subprocess.run(  # noqa: S603 - Slurm's own commands and numbers
            command,
            capture_output=True,
            check=False,
            timeout=START_S_MAX,
            env={**os.environ, "SLURM_TIME_FORMAT": "%s"},
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{command[0]} does not end") from error
    if done.returncode:
        raise OSError(f"{command[0]} says {done.stderr[:200]!r}")
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
