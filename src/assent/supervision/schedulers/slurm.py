"""A job as Slurm describes it, at submission and when it has its nodes.

facts of Slurm's, as text + SlurmTerms -> JobRequest

At submission the answer is for its user to read: nothing is allocated yet. What counts
is asked again in PrologSlurmctld, with the nodes that the job got and the limits that
it has by then, whatever was changed since.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from assent.supervision.admission import JobRequest
from assent.supervision.schedulers.claim import parse_claim
from assent.supervision.schedulers.due import RUNS, RunningJob
from assent.supervision.schedulers.errors import (
    ChipsUnnamed,
    SchedulerMalformed,
    SchedulerUnknown,
)
from assent.supervision.schedulers.slurm_words import (
    Gres,
    gres_allocated,
    gres_asked,
    seconds_of_limit,
)

UNSET_FROM = 4_294_967_294  # NO_VAL, and INFINITE above it
_MINUTE_S = 60
_COLUMNS = 6  # of what `squeue` is asked for
_SUBMITTED = {
    "account",
    "comment",
    "time_limit_min",
    "nodes",
    "tasks",
    "per_job",
    "per_node",
    "per_socket",
    "per_task",
}
_STARTING = {
    "cluster",
    "job_id",
    "submitted_s",
    "restarts",
    "account",
    "comment",
    "time_limit",
    "detail",
}
_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
_CLUSTER = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlurmTerms:
    """How a site's Slurm calls things.

    Attributes:
        gres: accelerators by what Slurm calls them, such as gpu:h100; None for what
            is no accelerator, such as a network card.
        signal: what tells a job to write a checkpoint and stop.
        kill_wait_s: how long Slurm waits to kill a job that it cancels (KillWait).

    """

    gres: Mapping[str, str | None]
    signal: str = "TERM"
    kill_wait_s: int = 30

    def __post_init__(self) -> None:
        """Keep a copy that nobody can change."""
        object.__setattr__(self, "gres", MappingProxyType(dict(self.gres)))

    def chips(self, found: Iterable[Gres]) -> dict[str, int]:
        """Return the accelerators among generic resources.

        Raises:
            ChipsUnnamed: if the settings do not say what one of them is.

        """
        chips: dict[str, int] = {}
        for name, count in found:
            if name not in self.gres:
                raise ChipsUnnamed(
                    f"The gate does not know what {name!r:.60} is.",
                    remedy="Ask for a type that the site names (--gres=gpu:TYPE:COUNT);"
                    " its operator names them in gate.yaml, under slurm.gres.",
                )
            kind = self.gres[name]
            if kind is not None and count:
                chips[kind] = chips.get(kind, 0) + count
        return chips


def slurm_job(facts: object, site: str, terms: SlurmTerms | None) -> JobRequest:
    """Return the job that Slurm's hooks describe.

    Args:
        facts: texts by name: those of a submission, or those of a job with nodes.
        site: where.
        terms: how the site's Slurm calls things; None if it has none.

    Raises:
        SchedulerUnknown: if it has none.
        SchedulerMalformed, ClaimMalformed: if the facts cannot be read.
        ChipsUnnamed: if the settings do not say what one of its resources is.

    """
    if terms is None:
        raise SchedulerUnknown(
            f"The gate of {site} has no settings for Slurm.",
            remedy="Write a part `slurm` into gate.yaml; docs/gate.md says how.",
        )
    if isinstance(facts, dict) and all(isinstance(v, str) for v in facts.values()):
        if facts.keys() == _STARTING:
            return _starting(facts, site, terms)
        if facts.keys() == _SUBMITTED:
            return _submitted(facts, site, terms)
    raise SchedulerMalformed(
        "This is not how the hooks of this version describe a job.",
        remedy="Write them anew with `assent gate slurm install`.",
    )


def slurm_prefix(cluster: str, job_id: str = "") -> str:
    """Return how the names of a cluster's jobs begin, or those of one job's attempts.

    Raises:
        SchedulerMalformed: if it is no cluster's name.

    """
    if _CLUSTER.fullmatch(cluster) is None:
        raise SchedulerMalformed(
            f"{cluster!r:.60} is no cluster's name.",
            remedy="Give the cluster a name of letters, digits and -_. (ClusterName).",
        )
    return f"{cluster}/{_number(job_id)}/" if job_id else f"{cluster}/"


def attempt_name(cluster: str, job_id: str, submitted_s: str, restarts: str) -> str:
    """Return the name of one attempt at a job, unique for ever.

    Slurm counts jobs from 1 again, and a job that is requeued keeps its number; the
    time of its submission and the count of its restarts tell all of them apart.

    Raises:
        SchedulerMalformed: if a part cannot be read.

    """
    prefix = slurm_prefix(cluster, job_id or "?")
    return f"{prefix}{_number(submitted_s)}/{_number(restarts)}"


def parse_running(cluster: str, text: str) -> list[RunningJob]:
    """Return the jobs in what `squeue` prints, one a line, in six columns.

    The components of a heterogeneous job are one job, which runs as long as one does.

    Args:
        cluster: its name.
        text: number, name for commands, submission, restarts and state of each, and the
            number of the job whose component it is, or none.

    Raises:
        SchedulerMalformed: if a line says something else.

    """
    found: list[RunningJob] = []
    wholes: dict[str, RunningJob] = {}
    for line in text.splitlines():
        parts = line.split()
        if len(parts) != _COLUMNS:
            raise SchedulerMalformed(
                f"squeue says {line!r:.120}.",
                remedy="Report it: the gate does not know how this version writes.",
            )
        number, target, submitted_s, restarts, state, whole = parts
        is_part = whole.isdecimal() and int(whole) > 0
        if is_part:
            number = target = whole
        name = attempt_name(cluster, number, submitted_s, restarts)
        job = RunningJob(name=name, target=target, state=state)
        if not is_part:
            found.append(job)
        elif whole not in wholes:
            wholes[whole] = job
        elif job.state in RUNS:
            wholes[whole] = replace(wholes[whole], state=job.state)
    return [*found, *wholes.values()]


def _starting(facts: Mapping[str, str], site: str, terms: SlurmTerms) -> JobRequest:
    claim = parse_claim(facts["comment"])
    return JobRequest(
        job_id=attempt_name(
            facts["cluster"], facts["job_id"], facts["submitted_s"], facts["restarts"]
        ),
        site=site,
        account=_account(facts),
        permit_id=claim.permit_id,
        chips=terms.chips(gres_allocated(facts["detail"])),
        time_limit_s=max(map(seconds_of_limit, facts["time_limit"].split(","))),
        flop_max=claim.flop_max,
        request_id=claim.request_id,
    )


def _submitted(facts: Mapping[str, str], site: str, terms: SlurmTerms) -> JobRequest:
    """Return the least that a job will be; what is left open counts once."""
    claim = parse_claim(facts["comment"])
    nodes, tasks = _set_or_one(facts["nodes"]), _set_or_one(facts["tasks"])
    times = {"per_job": 1, "per_node": nodes, "per_socket": nodes, "per_task": tasks}
    asked = [
        (name, count * many)
        for part, many in times.items()
        for name, count in gres_asked(facts[part])
    ]
    return JobRequest(
        job_id="as submitted",
        site=site,
        account=_account(facts),
        permit_id=claim.permit_id,
        chips=terms.chips(asked),
        time_limit_s=_set_or_one(facts["time_limit_min"]) * _MINUTE_S,
        flop_max=claim.flop_max,
        request_id=claim.request_id,
    )


def _account(facts: Mapping[str, str]) -> str:
    if not facts["account"]:
        raise SchedulerMalformed(
            "The job names no account.", remedy="Name who pays for it: --account."
        )
    return facts["account"]


def _set_or_one(text: str) -> int:
    number = int(_number(text)) if text else UNSET_FROM
    return 1 if number >= UNSET_FROM else max(number, 1)


def _number(text: str) -> str:
    if _NUMBER.fullmatch(text) is None:
        raise SchedulerMalformed(
            f"Slurm says {text!r:.40} where a number belongs.",
            remedy="Write the hooks anew with `assent gate slurm install`.",
        )
    return str(int(text))
