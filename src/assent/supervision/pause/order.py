"""An order to pause, to resume or to terminate, signed by a quorum of members.

PauseOrder <-> canonical JSON;  order -> the envelope that members sign

    {"action":"pause","agency":"agency.example","effective":"2026-06-01T12:00:00Z","ends":null,"excluded":[],"format":"assent-pause-order/1","grace_s":600,"issued":"2026-06-01T12:00:00Z","kill_after_s":60,"lapses":null,"matter":"pause-site","number":1,"previous":"sha256:0000…","reason":"…","scope":{"kind":"site","site":"site-nairobi-1"},"treaty":{"digest":"sha256:…","version":1}}

Orders of an agency are numbered from 1 without gaps, and each names the digest of the
one before it, so that a reader knows which it has not seen. One signature is vote and
order in one, as for permits.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NoReturn

from assent.authorisation.permit.fields import (
    AGENCY,
    DIGEST,
    MEMBER,
    TEXT,
    instant_of,
    int_of,
    mapping_of,
    text_of,
    texts_of,
)
from assent.authorisation.treaty import Matter
from assent.supervision.pause.errors import OrderMalformed
from assent.supervision.pause.scope import Scope, ScopeKind, scope_of
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope

FORMAT = "assent-pause-order/1"
ORDER_TYPE = "application/vnd.assent.pause-order+json"
ORDER_BYTES_MAX = 100_000  # a reason of 4,000 characters takes 16,000
FIRST = f"sha256:{'0' * 64}"  # what order 1 names as the one before
GRACE_S_MAX = 86_400  # a day: who needs longer to save a checkpoint is not stopping
_FIELDS = frozenset(
    {
        "action",
        "agency",
        "effective",
        "ends",
        "excluded",
        "format",
        "grace_s",
        "issued",
        "kill_after_s",
        "lapses",
        "matter",
        "number",
        "previous",
        "reason",
        "scope",
        "treaty",
    }
)


class OrderAction(StrEnum):
    """What an order does."""

    PAUSE = "pause"
    RESUME = "resume"
    TERMINATE = "terminate"


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseOrder:
    """An order, unsigned.

    Attributes:
        agency: whose it is.
        number: its place among the agency's orders, from 1.
        previous: the digest of the order before; FIRST for the first.
        action: whether runs stop, may go on, or one stops for good.
        scope: which runs.
        ends: the number of the pause order that a resume order ends; None for a pause.
        reason: why, in words for the public.
        issued: when it was drawn up, and from when it holds.
        effective: see `issued`.
        grace_s: seconds in which a job may save a checkpoint before it is signalled.
        kill_after_s: seconds after the signal until it is ended by force.
        lapses: when it ends by itself; None if it does not.
        matter: by which procedure of the treaty.
        treaty_version: the treaty under which it was drawn up, and its digest.
        treaty_digest: see `treaty_version`.
        excluded: members who stand aside: their signatures do not count.

    """

    agency: str
    number: int
    previous: str
    action: OrderAction
    scope: Scope
    ends: int | None = None
    reason: str
    issued: datetime
    effective: datetime
    grace_s: int = 0
    kill_after_s: int = 0
    lapses: datetime | None = None
    matter: Matter
    treaty_version: int
    treaty_digest: str
    excluded: frozenset[str] = field(default_factory=frozenset)

    @property
    def order_id(self) -> str:
        """What the public log calls it."""
        return f"pause-order-{self.number}"

    @property
    def is_pause(self) -> bool:
        """Tell whether runs stop until another order."""
        return self.action is OrderAction.PAUSE

    @property
    def is_resume(self) -> bool:
        """Tell whether runs may go on."""
        return self.action is OrderAction.RESUME

    @property
    def plain(self) -> dict[str, Plain]:
        """The order as plain values."""
        return {
            "format": FORMAT,
            "agency": self.agency,
            "number": self.number,
            "previous": self.previous,
            "action": self.action.value,
            "scope": self.scope.plain,
            "ends": self.ends,
            "reason": self.reason,
            "issued": format_instant(self.issued),
            "effective": format_instant(self.effective),
            "grace_s": self.grace_s,
            "kill_after_s": self.kill_after_s,
            "lapses": None if self.lapses is None else format_instant(self.lapses),
            "matter": self.matter.value,
            "treaty": {"version": self.treaty_version, "digest": self.treaty_digest},
            "excluded": sorted(self.excluded),
        }

    @property
    def digest(self) -> str:
        """The digest that the next order names, whoever signs this one."""
        payload = canonical_bytes(self.plain)
        return f"sha256:{sha256(payload).hexdigest()}"

    @property
    def unsigned(self) -> Envelope:
        """The order in its envelope, for members to sign.

        Raises:
            OrderMalformed: if nobody could read what they signed.

        """
        payload = canonical_bytes(self.plain)
        parse_order(payload)
        return Envelope(payload, ORDER_TYPE)


def parse_order(data: bytes) -> PauseOrder:
    """Return the order whose canonical bytes these are.

    Raises:
        OrderMalformed: if they are none's.

    """
    if len(data) > ORDER_BYTES_MAX:
        _malformed(f"it is longer than {ORDER_BYTES_MAX:,} bytes")
    try:
        order = _order(parse_canonical(data))
    except OrderMalformed:
        raise
    except (AssentError, ValueError, TypeError) as error:
        _malformed(str(error).removesuffix("."))
    _check(order)
    if canonical_bytes(order.plain) != data:
        _malformed("a list is not in order")
    return order


def _order(value: Any) -> PauseOrder:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "it", _FIELDS)
    if given["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    treaty = mapping_of(given["treaty"], "treaty", {"version", "digest"})
    ends, lapses = given["ends"], given["lapses"]
    return PauseOrder(
        agency=text_of(given["agency"], AGENCY, "agency"),
        number=int_of(given["number"], 1, INTEGER_SAFE_MAX, "number"),
        previous=text_of(given["previous"], DIGEST, "previous"),
        action=OrderAction(given["action"]),
        scope=scope_of(given["scope"]),
        ends=None if ends is None else int_of(ends, 1, INTEGER_SAFE_MAX, "ends"),
        reason=text_of(given["reason"], TEXT, "reason"),
        issued=instant_of(given["issued"], "issued"),
        effective=instant_of(given["effective"], "effective"),
        grace_s=int_of(given["grace_s"], 0, GRACE_S_MAX, "grace_s"),
        kill_after_s=int_of(given["kill_after_s"], 0, GRACE_S_MAX, "kill_after_s"),
        lapses=None if lapses is None else instant_of(lapses, "lapses"),
        matter=Matter(given["matter"]),
        treaty_version=int_of(treaty["version"], 1, INTEGER_SAFE_MAX, "version"),
        treaty_digest=text_of(treaty["digest"], DIGEST, "digest"),
        excluded=frozenset(texts_of(given["excluded"], MEMBER, "excluded")),
    )


def _check(order: PauseOrder) -> None:
    """Refuse fields that contradict each other."""
    if (order.number == 1) != (order.previous == FIRST):
        _malformed("the first order, and no other, has none before it")
    if order.effective < order.issued:
        _malformed("it takes effect before it was drawn up")
    if order.lapses is not None and order.lapses <= order.effective:
        _malformed("it ends before it begins")
    if not order.is_resume:
        if order.ends is not None:
            _malformed("an order to stop ends no other")
        _check_final(order)
    elif order.ends is None or order.ends >= order.number:
        _malformed("a resume order ends a pause order before it")
    elif order.grace_s or order.kill_after_s or order.lapses is not None:
        _malformed("a resume order stops nothing, and does not lapse")


def _check_final(order: PauseOrder) -> None:
    """Refuse to terminate more than one run, or for a time."""
    if order.is_pause:
        return
    if order.scope.kind is not ScopeKind.RUN or order.lapses is not None:
        _malformed("what is terminated is one run, and for good")


def _malformed(why: str) -> NoReturn:
    raise OrderMalformed(
        f"This is no order to pause or resume: {why}.",
        remedy="Take the agency's file as it is.",
    )
