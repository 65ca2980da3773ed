"""Decide on one question of an API server's.

Review + KubernetesTerms + a gate -> AdmissionReview

What has no accelerators is none of the gate's business. What has is reserved for when
it is created, or resumed; it may not change after that. What a controller makes out of
it was reserved for with it. When its controller says that it is over, it is settled.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from assent.supervision.schedulers import (
    COUNTED,
    PREFIX,
    KubernetesTerms,
    Review,
    SchedulerMalformed,
    SchedulerUnknown,
    Workload,
    account_of,
    allowing,
    is_finished,
    refusing,
    workload_of,
)
from assent.vocabulary import AssentError

_NODES, _NODE = "system:nodes", "system:node:"
_NAME = re.compile(r"[A-Za-z0-9-]{1,80}", re.ASCII)
Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


def decide(review: Review, terms: KubernetesTerms, ask: Ask) -> bytes:
    """Return the answer to a question, which is no if anything is wrong.

    Args:
        review: the question.
        terms: how the site's Kubernetes calls things.
        ask: asks the gate by a verb and what belongs to it; raises if it says no.

    """
    try:
        if review.subresource:
            return allowing(review, *_settled(review, terms, ask))
        return allowing(review, *_decided(review, terms, ask))
    except AssentError as error:
        return refusing(review, error)


def _decided(review: Review, terms: KubernetesTerms, ask: Ask) -> list[str]:
    if review.operation == "DELETE":
        return []  # it is settled when its pods are known to be gone
    if _is_made_of_admitted(review, terms):
        return []
    new = workload_of(review.kind, review.found, terms)
    old = None
    if review.operation == "UPDATE":
        old = workload_of(review.kind, review.old, terms)
    elif review.operation != "CREATE":
        raise SchedulerUnknown(
            f"The gate is not asked about {review.operation}.",
            remedy="Register it as `assent gate kubernetes manifest` says.",
        )
    if old is not None and old.chips and not old.suspended:
        _verify_unchanged(new, old)
        return []
    if not new.chips:
        return []
    question = _question(review, new, terms)
    if review.dry_run or new.suspended:
        ask("check", {"job": question})
        return []
    if old is not None:
        ask("end", {"prefix": _prefix(review)})  # what it had before it was suspended
    return [str(ask("admit", {"job": question})["words"])]


def _settled(review: Review, terms: KubernetesTerms, ask: Ask) -> list[str]:
    """Settle what is finished, if who says so is to be believed."""
    if review.subresource != "status":
        raise SchedulerUnknown(
            f"The gate is not asked about {review.subresource!r:.40}.",
            remedy="Register it as `assent gate kubernetes manifest` says.",
        )
    is_node = _NODES in review.groups and review.user.startswith(_NODE)
    is_believed = review.user in terms.controllers or (review.kind == "Pod" and is_node)
    if is_believed and not review.dry_run and is_finished(review.kind, review.found):
        ask("end", {"prefix": _prefix(review)})
    return []


def _verify_unchanged(new: Workload, old: Workload) -> None:
    same = (new.chips, new.time_limit_s, new.claim)
    if same != (old.chips, old.time_limit_s, old.claim):
        raise SchedulerMalformed(
            "Its accelerators, its time limit or its permit would change, and it was"
            " admitted with those that it has.",
            remedy="Delete it, and create another.",
        )


def _is_made_of_admitted(review: Review, terms: KubernetesTerms) -> bool:
    """Return whether a controller makes this of what was admitted as a whole."""
    if review.user not in terms.controllers:
        return False
    owners = _metadata(review).get("ownerReferences")
    return isinstance(owners, list) and any(
        isinstance(owner, dict)
        and owner.get("controller") is True
        and owner.get("kind") in COUNTED
        for owner in owners
    )


def _question(
    review: Review, workload: Workload, terms: KubernetesTerms
) -> dict[str, Any]:
    claim = workload.claim
    version = "0"
    if review.old is not None:
        version = _name(review.old.get("metadata"), "resourceVersion")
    return {
        "job_id": f"{_prefix(review)}{version}",
        "account": account_of(review.namespace, terms),
        "permit_id": claim.permit_id,
        "chips": {kind: str(count) for kind, count in workload.chips.items()},
        "time_limit_s": workload.time_limit_s,
        "flop_max": None if claim.flop_max is None else str(claim.flop_max),
    }


def _prefix(review: Review) -> str:
    return f"{PREFIX}{_name(_metadata(review), 'uid')}/"


def _metadata(review: Review) -> Mapping[str, Any]:
    found = (review.found or {}).get("metadata")
    return found if isinstance(found, dict) else {}


def _name(metadata: object, what: str) -> str:
    value = metadata.get(what) if isinstance(metadata, dict) else None
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        raise SchedulerMalformed(
            f"The object has no {what}.", remedy="Let only the API server ask here."
        )
    return value
