"""An inspector's request: one evaluation job, from the compute reserved for overseers.

EvaluationRequest <-> canonical JSON, which the inspector signs

    {"evaluations":["cyber-offence"],"expires":"2026-06-02T12:00:00Z","flop":"100000000000000000000000","format":"assent-evaluation-request/1","inspector":"inspector-1","issued":"2026-06-01T12:00:00Z","permit_id":"permit-2026-0001","request_id":"evaluation-7","run_id":"example-large-2","site":"site-nairobi-1"}

A gate verifies it offline, and admits one job by it, once. The request stands in a
lease's place: it names the site, the most that the job is charged, and its end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from assent.authorisation.permit import Permit
from assent.authorisation.permit.fields import (
    MEMBER,
    NAME,
    PERMIT_ID,
    SLUG,
    count_of,
    instant_of,
    mapping_of,
    statement_of,
    text_of,
    texts_of,
)
from assent.authorisation.treaty import Treaty
from assent.supervision.oversight.errors import (
    RequestMalformed,
    RequestOfAnother,
    RequestUnsigned,
    RequestUntimely,
)
from assent.vocabulary import (
    Plain,
    canonical_bytes,
    digest,
    format_instant,
)
from assent.vocabulary.envelope import Envelope, Signer, verify_envelope

FORMAT = "assent-evaluation-request/1"
REQUEST_TYPE = "application/vnd.assent.evaluation-request+json"
REQUEST_BYTES_MAX = 50_000  # 256 evaluations of a hundred characters
EVALUATIONS_MAX = 256
CLOCK_SKEW_S = 300
_FIELDS = frozenset(
    {
        *("format", "request_id", "permit_id", "run_id", "site", "inspector"),
        *("evaluations", "flop", "issued", "expires"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """A request, unsigned.

    Attributes:
        request_id: the inspector's name for it; a gate admits one job by it.
        permit_id: the permit, and its run.
        run_id: see `permit_id`.
        site: where the job is to run.
        inspector: who signs.
        evaluations: what the job evaluates.
        flop: the most that the job may be charged.
        issued: from when it may start, and before when it has to be over.
        expires: see `issued`.

    """

    request_id: str
    permit_id: str
    run_id: str
    site: str
    inspector: str
    evaluations: tuple[str, ...]
    flop: int
    issued: datetime
    expires: datetime

    @property
    def plain(self) -> dict[str, Plain]:
        """The request as plain values."""
        return {
            "format": FORMAT,
            "request_id": self.request_id,
            "permit_id": self.permit_id,
            "run_id": self.run_id,
            "site": self.site,
            "inspector": self.inspector,
            "evaluations": self.evaluations,
            "flop": str(self.flop),
            "issued": format_instant(self.issued),
            "expires": format_instant(self.expires),
        }

    @property
    def digest(self) -> str:
        """The digest of what is signed."""
        return digest(self.plain)

    def signed_by(self, signer: Signer) -> Envelope:
        """Return the request, signed."""
        return Envelope(canonical_bytes(self.plain), REQUEST_TYPE).signed_by(signer)


def parse_request(data: bytes) -> EvaluationRequest:
    """Return the request whose canonical bytes these are.

    Raises:
        RequestMalformed: if they are none's.

    """
    return statement_of(data, REQUEST_BYTES_MAX, _request, _malformed)


def verify_request(
    envelope: Envelope, permit: Permit, treaty: Treaty, site: str, now: datetime
) -> EvaluationRequest:
    """Return a request by which an evaluation of a permit's run may start here, now.

    Args:
        envelope: the signed request.
        permit: verified.
        treaty: of the agency that granted the permit.
        site: where the job is to run.
        now: the instant.

    Raises:
        RequestMalformed: (1) if it is no request.
        RequestUnsigned, SignatureInvalid: (2) if the inspector that it names is not in
            office, or did not sign it.
        RequestOfAnother: (3) if it is of another run, or another site.
        RequestUntimely: (4) if it is not its time.

    """
    # (1) It is a request.
    if envelope.payload_type != REQUEST_TYPE:
        _malformed(f"it is of type {envelope.payload_type:.80}")
    request = parse_request(envelope.payload)
    # (2) The inspector signed it, by a key in force now.
    holders = treaty.inspector_keys(now).values()
    keys = [key for name, key in holders if name == request.inspector]
    if not verify_envelope(envelope, REQUEST_TYPE, keys):
        raise RequestUnsigned(
            f"{request.inspector} is no inspector in office, or did not sign this.",
            remedy="Have an inspector that the treaty names sign it.",
        )
    # (3) It is of this run, at this site.
    found = (request.permit_id, request.run_id, request.site)
    if found != (permit.permit_id, permit.run_id, site):
        raise RequestOfAnother(
            f"The request is of {request.permit_id} at {request.site}; the job is of"
            f" {permit.permit_id} at {site}.",
            remedy="Ask for the evaluation where it is to run.",
        )
    # (4) It is its time.
    _verify_time(request, now)
    return request


def _verify_time(request: EvaluationRequest, now: datetime) -> None:
    begins = request.issued - timedelta(seconds=CLOCK_SKEW_S)
    if not begins <= now < request.expires:
        raise RequestUntimely(
            f"The request {request.request_id} holds from"
            f" {format_instant(request.issued)}, before"
            f" {format_instant(request.expires)}; it is {format_instant(now)}.",
            remedy="Have the inspector sign another.",
        )


def _request(value: Any) -> EvaluationRequest:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "it", _FIELDS)
    if given["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    evaluations = texts_of(given["evaluations"], SLUG, "evaluations")
    issued = instant_of(given["issued"], "issued")
    expires = instant_of(given["expires"], "expires")
    if not 0 < len(evaluations) <= EVALUATIONS_MAX or issued >= expires:
        _malformed("it evaluates nothing, or ends before it begins")
    return EvaluationRequest(
        request_id=text_of(given["request_id"], SLUG, "request_id"),
        permit_id=text_of(given["permit_id"], PERMIT_ID, "permit_id"),
        run_id=text_of(given["run_id"], NAME, "run_id"),
        site=text_of(given["site"], NAME, "site"),
        inspector=text_of(given["inspector"], MEMBER, "inspector"),
        evaluations=evaluations,
        flop=count_of(given["flop"], "flop", least=1),
        issued=issued,
        expires=expires,
    )


def _malformed(why: str) -> NoReturn:
    raise RequestMalformed(
        f"This is no request for an evaluation: {why}.",
        remedy="Write it with `assent oversight request`.",
    )
