"""Pages of the agency's feed of orders, as servers send them and gates read them.

items <-> canonical JSON

    {"format":"assent-pause-feed/1","items":[{"order":"…","position":1,"proof":null}]}

The feed is only ever added to: an order when it is issued, and again with its proof
when the public log holds it. Positions count from 1. Nothing in a page is believed:
orders are verified by who signed them, and order numbers tell what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from assent.authorisation.permit.fields import int_of, list_of, mapping_of, statement_of
from assent.supervision.pause.errors import FeedMalformed
from assent.vocabulary import canonical_bytes
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, parse_envelope

FORMAT = "assent-pause-feed/1"
PAGE_ITEMS_MAX = 256  # more orders than any agency gives between two polls
PAGE_BYTES_MAX = 64_000_000  # as many of 256 states, with their proofs
PROOF_CHARACTERS_MAX = 200_000  # a proof with its entry takes 20,000


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An order in its envelope, at its place in the feed; `proof` once it is logged."""

    position: int
    envelope: Envelope
    proof: bytes | None = None


def encode_page(items: Sequence[FeedItem]) -> bytes:
    """Return the page of some items, in the order of their positions."""
    return canonical_bytes(
        {
            "format": FORMAT,
            "items": [
                {
                    "position": item.position,
                    "order": item.envelope.encoded.decode(),
                    "proof": None if item.proof is None else item.proof.decode(),
                }
                for item in items
            ],
        }
    )


def parse_page(data: bytes, after: int) -> list[FeedItem]:
    """Return the items of a page, which follow on a position without a gap.

    Raises:
        FeedMalformed: if it is no page, or one that leaves something out.

    """
    items = parse_posted(data)
    if [item.position for item in items] != list(
        range(after + 1, after + 1 + len(items))
    ):
        _malformed(f"its positions do not follow on {after}")
    return items


def parse_posted(data: bytes) -> list[FeedItem]:
    """Return the items of a page that was posted, whatever their positions.

    Raises:
        FeedMalformed: if it is no page.

    """
    return statement_of(data, PAGE_BYTES_MAX, _items, _malformed)


def _items(value: Any) -> list[FeedItem]:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "it", {"format", "items"})
    if given["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    return [_item(one) for one in list_of(given["items"], "items")]


def _item(value: Any) -> FeedItem:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "an item", {"position", "order", "proof"})
    order, proof = given["order"], given["proof"]
    if not isinstance(order, str) or not isinstance(proof, str | None):
        _malformed("an order or a proof is no text")
    if proof is not None and len(proof) > PROOF_CHARACTERS_MAX:
        _malformed(f"a proof is longer than {PROOF_CHARACTERS_MAX:,} characters")
    return FeedItem(
        position=int_of(given["position"], 1, INTEGER_SAFE_MAX, "position"),
        envelope=parse_envelope(order.encode()),
        proof=None if proof is None else proof.encode(),
    )


def _malformed(why: str) -> NoReturn:
    raise FeedMalformed(
        f"This is no page of a feed of orders: {why}.",
        remedy="Ask the agency's feed again; if it stays so, tell the agency.",
    )
