"""A developer's appeal against an order that holds its run.

RunAppeal <-> canonical JSON, which the developer signs

    {"format":"assent-run-appeal/1","grounds":"…","made":"2026-06-03T12:00:00Z","order":4,"order_digest":"sha256:…","permit_id":"permit-2026-0001","run_id":"example-large-2"}

An appeal stops nothing and lets nothing go on: it puts the question to those who did
not decide it before, by a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from assent.authorisation.permit import Permit
from assent.authorisation.permit.fields import (
    DIGEST,
    NAME,
    PERMIT_ID,
    TEXT,
    instant_of,
    int_of,
    mapping_of,
    statement_of,
    text_of,
)
from assent.supervision.oversight.errors import (
    AppealMalformed,
    AppealOfAnother,
    AppealUnsigned,
    AppealUntimely,
)
from assent.vocabulary import (
    Plain,
    canonical_bytes,
    format_instant,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, Signer, verify_envelope

FORMAT = "assent-run-appeal/1"
APPEAL_TYPE = "application/vnd.assent.run-appeal+json"
APPEAL_BYTES_MAX = 20_000  # grounds of 4,000 characters take 16,000
CLOCK_SKEW_S = 300
_FIELDS = frozenset(
    {"format", "grounds", "made", "order", "order_digest", "permit_id", "run_id"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAppeal:
    """An appeal, unsigned.

    Attributes:
        permit_id: the permit, and its run.
        run_id: see `permit_id`.
        order: the number of the order, and its digest.
        order_digest: see `order`.
        grounds: why the run should go on, for the public record.
        made: when.

    """

    permit_id: str
    run_id: str
    order: int
    order_digest: str
    grounds: str
    made: datetime

    @property
    def plain(self) -> dict[str, Plain]:
        """The appeal as plain values."""
        return {
            "format": FORMAT,
            "permit_id": self.permit_id,
            "run_id": self.run_id,
            "order": self.order,
            "order_digest": self.order_digest,
            "grounds": self.grounds,
            "made": format_instant(self.made),
        }

    def signed_by(self, signer: Signer) -> Envelope:
        """Return the appeal, signed."""
        return Envelope(canonical_bytes(self.plain), APPEAL_TYPE).signed_by(signer)


def parse_appeal(data: bytes) -> RunAppeal:
    """Return the appeal whose canonical bytes these are.

    Raises:
        AppealMalformed: if they are none's.

    """
    return statement_of(data, APPEAL_BYTES_MAX, _appeal, _malformed)


def verify_appeal(envelope: Envelope, permit: Permit, now: datetime) -> RunAppeal:
    """Return an appeal that the developer of a permit's run made.

    Raises:
        AppealMalformed: if it is none.
        AppealUnsigned, SignatureInvalid: if the developer's key did not sign it.
        AppealOfAnother: if it is of another permit or run.
        AppealUntimely: if it is dated later than now.

    """
    if envelope.payload_type != APPEAL_TYPE:
        _malformed(f"it is of type {envelope.payload_type:.80}")
    appeal = parse_appeal(envelope.payload)
    if not verify_envelope(envelope, APPEAL_TYPE, [permit.developer.key]):
        raise AppealUnsigned(
            f"The key of {permit.developer.name} did not sign this appeal.",
            remedy="Sign it with the key that the permit names.",
        )
    if (appeal.permit_id, appeal.run_id) != (permit.permit_id, permit.run_id):
        raise AppealOfAnother(
            f"The appeal is of {appeal.permit_id}, run {appeal.run_id}; the permit is"
            f" {permit.permit_id}, of {permit.run_id}.",
            remedy="Appeal for the run that is held.",
        )
    if appeal.made > now + timedelta(seconds=CLOCK_SKEW_S):
        raise AppealUntimely(
            f"The appeal is of {format_instant(appeal.made)}; it is"
            f" {format_instant(now)}.",
            remedy="Set the clock of the machine that signs.",
        )
    return appeal


def _appeal(value: Any) -> RunAppeal:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "it", _FIELDS)
    if given["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    return RunAppeal(
        permit_id=text_of(given["permit_id"], PERMIT_ID, "permit_id"),
        run_id=text_of(given["run_id"], NAME, "run_id"),
        order=int_of(given["order"], 1, INTEGER_SAFE_MAX, "order"),
        order_digest=text_of(given["order_digest"], DIGEST, "order_digest"),
        grounds=text_of(given["grounds"], TEXT, "grounds"),
        made=instant_of(given["made"], "made"),
    )


def _malformed(why: str) -> NoReturn:
    raise AppealMalformed(
        f"This is no appeal: {why}.", remedy="Write it with `assent oversight appeal`."
    )
