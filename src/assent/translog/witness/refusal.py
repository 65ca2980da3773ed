"""Why a witness refuses, and what it keeps because it may speak against a log.

request + the head that is held -> Evidence or Doubt, if it is either
"""

from dataclasses import dataclass
from enum import Enum

from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.witness_exchange import CosignRequest
from assent.translog.merkle import EMPTY_ROOT
from assent.translog.split_view import Evidence
from assent.vocabulary import AssentError, InputError


class Reason(Enum):
    """Why a witness refuses."""

    MALFORMED = "malformed"
    LOG_UNKNOWN = "log unknown"
    NOT_SIGNED = "not signed by the log"
    OLD_SIZE_ABOVE_SIZE = "old size above size"
    OLD_SIZE_NOT_HELD = "old size not held"
    EMPTY_TREE_WITH_ROOT = "empty tree with the root of another"
    PROOF_FROM_NOTHING = "proof from the empty tree"
    PROOF_FAILS = "proof fails"
    OTHER_ROOT = "other root at the same size"
    NO_SUBTREE = "no subtree"
    NOT_COSIGNED = "not cosigned by this witness"
    SUBTREES_NOT_OFFERED = "subtrees not offered"

    @property
    def status(self) -> int:
        """Return the number by which C2SP tlog-witness tells this reason."""
        return _STATUS[self]


_STATUS = {
    Reason.MALFORMED: 400,
    Reason.LOG_UNKNOWN: 404,
    Reason.NOT_SIGNED: 403,
    Reason.OLD_SIZE_ABOVE_SIZE: 400,
    Reason.OLD_SIZE_NOT_HELD: 409,
    Reason.EMPTY_TREE_WITH_ROOT: 422,
    Reason.PROOF_FROM_NOTHING: 422,
    Reason.PROOF_FAILS: 422,
    Reason.OTHER_ROOT: 422,
    Reason.NO_SUBTREE: 400,
    Reason.NOT_COSIGNED: 403,
    Reason.SUBTREES_NOT_OFFERED: 404,
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A refused request that convinces nobody, but is reason to ask the log.

    Its proof failed, which whoever asked may have spoilt, or its tree head is of an
    empty tree with a root. `request` carries the log's own signatures alone.
    """

    request: CosignRequest
    held: SignedTreeHead | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a witness does not cosign, what the asker can do, and what is kept of it.

    `size_held` is set where the asker must start from it (`OLD_SIZE_NOT_HELD`).
    """

    reason: Reason
    message: str
    remedy: str
    size_held: int | None = None
    kept: Evidence | Doubt | None = None


def refuse(reason: Reason, error: AssentError) -> Refusal:
    """Return the refusal that an error gives rise to."""
    return Refusal(reason=reason, message=error.message, remedy=error.remedy)


def refuse_malformed(error: InputError) -> Refusal:
    """Return the refusal of a request that could not be parsed."""
    return refuse(Reason.MALFORMED, error)


def refuse_unknown_log(signed: SignedTreeHead) -> Refusal:
    """Return the refusal of a log that the witness does not follow."""
    return Refusal(
        reason=Reason.LOG_UNKNOWN,
        message=f"This witness does not follow the log {signed.head.origin!r}.",
        remedy="Ask its operator to trust the log's verifier key.",
    )


def what_to_keep(
    request: CosignRequest, held: SignedTreeHead | None, reason: Reason
) -> Evidence | Doubt | None:
    """Return what is to be kept of a refused request that the log did sign.

    Two roots at one size are evidence whatever the reason is: a stale old size cannot
    hide them. A head that is held already raises no doubt, whatever comes with it.
    """
    head = request.signed.head
    if held and (head.size, head.root) == (held.head.size, held.head.root):
        return None
    if reason is Reason.PROOF_FAILS or (head.size == 0 and head.root != EMPTY_ROOT):
        return Doubt(request, held)
    if held and head.size == held.head.size and head.root != held.head.root:
        return Evidence(held, request.signed, head.root, ())
    return None
