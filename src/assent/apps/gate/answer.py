"""Answer one question of a scheduler or of a job.

a line of JSON -> a line of JSON

    {"verb":"admit","job":{"job_id":"c1/4711","account":"labs","permit_id":"permit-2026-0001","chips":{"H100 SXM":8},"time_limit_s":3600,"flop_max":"1e20","purpose":""}}
    {"ok":true,"admission":{…},"words":"Job c1/4711 may start under permit-2026-0001; …"}
    {"ok":false,"error":"AllowanceExceeded","message":"…","remedy":"…"}

Verbs: `check` and `admit` take a `job`, or what `slurm` says of one; `poll` and `end`
take a `job_id`; `jobs` and `end` take a `prefix` of names, for all jobs of a cluster or
all attempts at one; `status` takes nothing. Whoever gets no answer, or one that it cannot
read, must not start the job.
"""  # noqa: E501 - the literals are the format

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from assent.supervision.admission import JobMalformed, JobRequest
from assent.supervision.gate import Gate, check_books
from assent.supervision.ledger import (
    Bounds,
    Job,
    JobState,
)
from assent.supervision.schedulers import slurm_job
from assent.vocabulary import AssentError, InputError, parse_count

LINE_BYTES_MAX = 1_000_000
JOBS_SHOWN_MAX = FINDINGS_SHOWN_MAX = 1_000
_FIELDS = {
    "job_id",
    "account",
    "permit_id",
    "chips",
    "time_limit_s",
    "flop_max",
    "request_id",
    "purpose",
}
_logger = logging.getLogger(__name__)


def answer(gate: Gate, line: bytes, now: datetime) -> bytes:
    """Return the answer to one question; whatever goes wrong is an answer that says no.

    Args:
        gate: at work.
        line: the question.
        now: the instant.

    """
    try:
        said = _answer(gate, line, now)
    except AssentError as error:
        _logger.info("no: %s: %s", type(error).__name__, error.message)
        said = {
            "ok": False,
            "error": type(error).__name__,
            "message": error.message,
            "remedy": error.remedy,
        }
    except Exception:
        _logger.exception("a question could not be answered")
        said = {
            "ok": False,
            "error": "GateFailed",
            "message": "The gate failed to answer; its log says why.",
            "remedy": "Do not start the job. Report it to whoever runs the gate.",
        }
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


def _answer(gate: Gate, line: bytes, now: datetime) -> dict[str, Any]:
    if len(line) > LINE_BYTES_MAX:
        raise InputError("The question is too long.", remedy="Ask about one job.")
    try:
        asked = json.loads(line)
        verb = _VERBS[asked["verb"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            f"This is no question: {line[:80]!r}.",
            remedy=f"Send a line of JSON with a verb: {', '.join(_VERBS)}.",
        ) from None
    return {"ok": True, **verb(gate, asked, now)}


def _check(gate: Gate, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    found = gate.check(_job(gate, asked), now)
    return {"admission": found.plain, "words": found.words}


def _admit(gate: Gate, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    found = gate.admit(_job(gate, asked), now)
    return {"admission": found.plain, "words": found.words}


def _poll(gate: Gate, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    job, stop = gate.poll(_job_id(asked), now)
    said: dict[str, Any] | None = None
    if stop is not None:
        said = {"kind": stop.kind.value, "words": stop.words, "grace_s": stop.grace_s}
    return {"state": job.state.value, "stop": said}


def _end(gate: Gate, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    if "prefix" in asked:
        over = [gate.end(job.job_id, now) for job in _open_jobs(gate, asked)]
        return {"jobs": [job.plain for job in over]}
    return {"job": gate.end(_job_id(asked), now).plain}


def _jobs(gate: Gate, asked: Mapping[str, Any], _now: datetime) -> dict[str, Any]:
    return {"jobs": [job.plain for job in _open_jobs(gate, asked)]}


def _open_jobs(gate: Gate, asked: Mapping[str, Any]) -> list[Job]:
    """Return the jobs whose names begin so; a scheduler has one prefix of its own."""
    prefix = asked.get("prefix")
    if not isinstance(prefix, str) or not prefix.endswith("/"):
        raise JobMalformed(
            "No prefix of names is given.", remedy="Give one that ends with a slash."
        )
    with gate.ledger.reading() as books:
        jobs = books.jobs(JobState.RUNNING, JobState.STOPPING)
    return [job for job in jobs if job.job_id.startswith(prefix)]


def _status(gate: Gate, _asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    with gate.ledger.reading() as books:
        jobs = books.jobs(JobState.RUNNING, JobState.STOPPING)
        accounts = {book: books.accounts(book) for book in books.books()}
        findings = check_books(gate, books, now, Bounds())
        entries, head = books.head()
    return {
        "site": gate.site.name,
        "jobs": [_shown(job) for job in jobs[:JOBS_SHOWN_MAX]],
        "jobs_count": len(jobs),
        "books": {
            book: {account.value: str(flop) for account, flop in of_book.items()}
            for book, of_book in accounts.items()
        },
        "findings": [found.words for found in findings[:FINDINGS_SHOWN_MAX]],
        "entries": entries,
        "head": head,
    }


def _shown(job: Job) -> dict[str, Any]:
    return dict(job.plain)


_VERBS: dict[str, Callable[[Gate, Mapping[str, Any], datetime], dict[str, Any]]] = {
    "check": _check,
    "admit": _admit,
    "poll": _poll,
    "jobs": _jobs,
    "end": _end,
    "status": _status,
}


def _job_id(asked: Mapping[str, Any]) -> str:
    job_id = asked.get("job_id")
    if not isinstance(job_id, str):
        raise JobMalformed("No job is named.", remedy="Give its job_id.")
    return job_id


def _job(gate: Gate, asked: Mapping[str, Any]) -> JobRequest:
    if "slurm" in asked:
        return slurm_job(asked["slurm"], gate.site.name, gate.site.slurm)
    given = asked.get("job")
    if not isinstance(given, dict) or not given.keys() <= _FIELDS:
        raise JobMalformed(
            "The question does not describe a job.",
            remedy=f"Give it {', '.join(sorted(_FIELDS))}, and nothing else.",
        )
    try:
        flop_max = given.get("flop_max")
        return JobRequest(
            job_id=_text(given["job_id"]),
            site=gate.site.name,
            account=_text(given["account"]),
            permit_id=_text(given["permit_id"]) if given.get("permit_id") else None,
            chips={_text(k): parse_count(v) for k, v in given.get("chips", {}).items()},
            time_limit_s=parse_count(given["time_limit_s"]),
            flop_max=None if flop_max is None else parse_count(flop_max),
            request_id=_text(given["request_id"]) if given.get("request_id") else None,
            purpose=_text(given.get("purpose", ""))[:2_000],
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise JobMalformed(
            f"The question does not describe a job: {error!r:.80}.",
            remedy="Give job_id, account, chips and time_limit_s at least.",
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
