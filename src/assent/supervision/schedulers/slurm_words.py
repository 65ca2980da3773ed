"""How Slurm writes time limits, lists of hosts and generic resources.

text of Slurm's -> seconds, numbers of hosts, numbers of chips

Users write job names, comments and paths into what Slurm prints of a job, new lines
among them. So whatever looks like an allocation here is added to it: a forged line can
only make a job dearer.
"""

import re
from collections.abc import Iterator

from assent.supervision.schedulers.errors import SchedulerMalformed

HOSTS_MAX = 1_000_000
DETAIL_CHARS_MAX = 900_000  # the gate takes questions of a million bytes
_REMEDY = "Report it: the gate does not know how this version of Slurm writes."
_TIME = re.compile(
    r"(?:(?P<d>\d{1,5})-)?(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,5}):(?P<s>\d{2})", re.ASCII
)
_NODES = re.compile(r" +Nodes=(\S+) CPU_IDs=\S+ Mem=\d+ GRES=(\S*)", re.ASCII)
_GRES = re.compile(r"([\w.-]+)(?::([\w.-]+))?:(\d{1,9})(?:\([^()]*\))?,?", re.ASCII)
_ASKED = re.compile(
    r"gres[:/]([\w.-]+?)(?::([A-Za-z_][\w.-]*))?(?:[:=](\d{1,9}))?", re.ASCII
)
_HOSTS = re.compile(r"((?:[^\[\],]|\[[^\[\]]*\])+)(?:,|$)")
_NUMBERS = re.compile(r"\[([^\[\]]*)\]")
_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", re.ASCII)
Gres = tuple[str, int]  # "gpu:h100", 8


def seconds_of_limit(text: str) -> int:
    """Return the seconds of a time limit such as 10:00 or 2-00:00:00.

    Raises:
        SchedulerMalformed: if it is none, or has no end.

    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise SchedulerMalformed(
            f"The job's time limit is {text!r:.40}.",
            remedy="Give it one (--time): a job without an end could do anything.",
        )
    days, hours, minutes, seconds = (int(found[part] or 0) for part in "dhms")
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def count_hosts(text: str) -> int:
    """Return how many hosts a list such as n[1-4,7],r[1-2]s[01-08] names.

    Raises:
        SchedulerMalformed: if it cannot be read.

    """
    total, end = 0, 0
    for found in _HOSTS.finditer(text):
        if found.start() != end:
            break
        end = found.end()
        total += _hosts_in(found[1])
    if end != len(text) or not 0 < total <= HOSTS_MAX:
        raise SchedulerMalformed(f"{text!r:.80} names no hosts.", remedy=_REMEDY)
    return total


def gres_allocated(detail: str) -> list[Gres]:
    """Return what `scontrol show job --detail` says that a job has, on all its nodes.

    Raises:
        SchedulerMalformed: if it says nothing, or cannot be read.

    """
    if len(detail) > DETAIL_CHARS_MAX:
        raise SchedulerMalformed(
            "The job's description is too long.",
            remedy="Give the job a shorter name and comment.",
        )
    lines = [
        line for line in detail.split("\n") if line.strip(" ").startswith("Nodes=")
    ]
    if not lines:
        raise SchedulerMalformed(
            "Slurm names no nodes of the job.",
            remedy="Ask when the job has its nodes (PrologSlurmctld).",
        )
    found: list[Gres] = []
    for line in lines:
        parts = _NODES.fullmatch(line.rstrip(" "))
        if parts is None:
            raise SchedulerMalformed(f"Slurm says {line!r:.120}.", remedy=_REMEDY)
        hosts = count_hosts(parts[1])
        found += [(name, hosts * count) for name, count in _gres(parts[2])]
    return found


def gres_asked(text: str) -> list[Gres]:
    """Return what a request such as gres:gpu:h100:8 or gres/gpu=4 asks for.

    Raises:
        SchedulerMalformed: if it cannot be read.

    """
    found: list[Gres] = []
    for part in filter(None, text.split(",")):
        if not part.startswith("gres"):
            continue  # CPUs, memory, licences
        asked = _ASKED.fullmatch(part)
        if asked is None:
            raise SchedulerMalformed(
                f"The job asks for {part!r:.80}.",
                remedy="Write --gres=NAME:TYPE:COUNT, the count in digits.",
            )
        name = asked[1] if asked[2] is None else f"{asked[1]}:{asked[2]}"
        found.append((name, 1 if asked[3] is None else int(asked[3])))
    return found


def _gres(text: str) -> Iterator[Gres]:
    end = 0
    for found in _GRES.finditer(text):
        if found.start() != end:
            break
        end = found.end()
        name = found[1] if found[2] is None else f"{found[1]}:{found[2]}"
        yield name, int(found[3])
    if end != len(text):
        raise SchedulerMalformed(f"Slurm allocates {text!r:.80}.", remedy=_REMEDY)


def _hosts_in(name: str) -> int:
    count = 1
    for numbers in _NUMBERS.findall(name):
        inside = 0
        for part in numbers.split(","):
            found = _RANGE.fullmatch(part)
            if found is None or int(found[2] or found[1]) < int(found[1]):
                raise SchedulerMalformed(
                    f"{name!r:.80} names no hosts.", remedy=_REMEDY
                )
            inside += int(found[2] or found[1]) - int(found[1]) + 1
        count *= inside
    return count
