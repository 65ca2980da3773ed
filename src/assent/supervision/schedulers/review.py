"""What Kubernetes asks of an admission webhook, and how it is answered.

bytes of an AdmissionReview <-> Review;  verdict -> AdmissionReview

    {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"…",
     "kind":{"group":"batch","version":"v1","kind":"Job"},"operation":"CREATE",…}}
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assent.supervision.schedulers.errors import SchedulerMalformed
from assent.supervision.schedulers.pods import mapping, sequence
from assent.vocabulary import AssentError

REVIEW_BYTES_MAX = 7_000_000  # an object has at most 3 million, and comes twice
VERSION = "admission.k8s.io/v1"
_KIND = "AdmissionReview"
_UID = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
_MESSAGE_CHARS_MAX = 2_000
_REMEDY = "Let only the API server of a cluster ask here."
_OPERATIONS = frozenset({"CREATE", "UPDATE", "DELETE", "CONNECT"})
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A question of an API server's.

    Attributes:
        uid: of the question.
        kind: of the object, such as Job.
        subresource: such as status; empty for the object itself.
        operation: CREATE, UPDATE, DELETE or CONNECT.
        namespace: of the object.
        user: who asks the API server.
        groups: that the user is in.
        found: the object as it would be; None if it is deleted.
        old: the object as it is; None if it is new.
        dry_run: whether nothing is to happen.

    """

    uid: str
    kind: str
    subresource: str
    operation: str
    namespace: str
    user: str
    groups: frozenset[str]
    found: Mapping[str, Any] | None
    old: Mapping[str, Any] | None
    dry_run: bool


def parse_review(data: bytes) -> Review:
    """Return the question in an AdmissionReview.

    Raises:
        SchedulerMalformed: if it is none of version v1.

    """
    if len(data) > REVIEW_BYTES_MAX:
        raise SchedulerMalformed("The AdmissionReview is too long.", remedy=_REMEDY)
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise SchedulerMalformed("This is no JSON.", remedy=_REMEDY) from None
    if not isinstance(said, dict) or said.get("kind") != _KIND:
        raise SchedulerMalformed("This is no AdmissionReview.", remedy=_REMEDY)
    if said.get("apiVersion") != VERSION:
        raise SchedulerMalformed(
            f"The AdmissionReview is of {said.get('apiVersion')!r:.60}.",
            remedy=f"Register the webhook for v1 alone ({VERSION}).",
        )
    asked = mapping(said.get("request"), "request")
    user = mapping(asked.get("userInfo"), "userInfo")
    kind = mapping(asked.get("kind"), "kind")
    uid, operation = _text(asked, "uid"), _text(asked, "operation")
    if _UID.fullmatch(uid) is None or operation not in _OPERATIONS:
        raise SchedulerMalformed("The request cannot be read.", remedy=_REMEDY)
    return Review(
        uid=uid,
        kind=_text(kind, "kind"),
        subresource=_text(asked, "subResource"),
        operation=operation,
        namespace=_text(asked, "namespace"),
        user=_text(user, "username"),
        groups=frozenset(map(str, sequence(user.get("groups"), "groups"))),
        found=_object(asked, "object"),
        old=_object(asked, "oldObject"),
        dry_run=asked.get("dryRun") is True,
    )


def allowing(review: Review, *warnings: str) -> bytes:
    """Return the answer that allows it; its user reads the warnings."""
    response: dict[str, Any] = {"uid": review.uid, "allowed": True}
    return _encoded(response, warnings)


def refusing(review: Review, error: AssentError) -> bytes:
    """Return the answer that refuses it, with the reason and the remedy."""
    message = f"{error.message} {error.remedy}"[:_MESSAGE_CHARS_MAX]
    status = {
        "apiVersion": "v1",
        "kind": "Status",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": "Forbidden",
        "code": _FORBIDDEN,
    }
    return _encoded({"uid": review.uid, "allowed": False, "status": status}, ())


def _encoded(response: dict[str, Any], warnings: Sequence[str]) -> bytes:
    if warnings:
        response["warnings"] = list(warnings)
    said = {"apiVersion": VERSION, "kind": _KIND, "response": response}
    return json.dumps(said, separators=(",", ":")).encode()


def _object(asked: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return None if asked.get(name) is None else mapping(asked[name], name)


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name, "")
    if not isinstance(value, str):
        raise SchedulerMalformed(f"{name} is no text.", remedy=_REMEDY)
    return value
