"""A page of the feed is read strictly, and leaves nothing out."""

import pytest

from assent.supervision.pause import FeedItem, FeedMalformed, encode_page, parse_page
from assent.supervision.pause.feed import PROOF_CHARACTERS_MAX
from assent.testing.supervision.orders import make_order, prove_order, sign_order
from assent.vocabulary import canonical_bytes

ORDER = make_order()
ENVELOPE = sign_order(ORDER)
ITEMS = [FeedItem(4, ENVELOPE), FeedItem(5, ENVELOPE, prove_order(ORDER, ENVELOPE))]
ITEM = {"position": 1, "order": ENVELOPE.encoded.decode(), "proof": None}
FORMAT = "assent-pause-feed/1"
TOO_MANY = PROOF_CHARACTERS_MAX + 1


def test_reads_what_it_writes() -> None:
    assert parse_page(encode_page(ITEMS), 3) == ITEMS
    assert parse_page(encode_page([]), 9) == []


@pytest.mark.parametrize("after", [0, 2, 4])
def test_refuses_a_page_that_leaves_something_out(after: int) -> None:
    with pytest.raises(FeedMalformed, match="follow on"):
        parse_page(encode_page(ITEMS), after)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"format": FORMAT},
        {"format": "assent-pause-feed/2", "items": []},
        {"format": FORMAT, "items": {}},
        {"format": FORMAT, "items": [None]},
        {"format": FORMAT, "items": [{**ITEM, "position": 0}]},
        {"format": FORMAT, "items": [{**ITEM, "order": "{}"}]},
        {"format": FORMAT, "items": [{**ITEM, "order": None}]},
        {"format": FORMAT, "items": [{**ITEM, "proof": 1}]},
        {"format": FORMAT, "items": [{**ITEM, "proof": "x" * TOO_MANY}]},
        {"format": FORMAT, "items": [{**ITEM, "more": 1}]},
        {"format": FORMAT, "items": [ITEM] * 5_000},
    ],
)  # fmt: skip
def test_refuses_what_is_no_page(value: object) -> None:
    with pytest.raises(FeedMalformed):
        parse_page(canonical_bytes(value), 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff"])
def test_refuses_what_is_no_document(data: bytes) -> None:
    with pytest.raises(FeedMalformed):
        parse_page(data, 0)
