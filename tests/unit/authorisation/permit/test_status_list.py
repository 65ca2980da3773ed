"""Status lists follow the draft's worked examples and another implementation."""

import base64
import json
import random
import zlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from assent.authorisation.permit import (
    Status,
    StatusInvalid,
    StatusMalformed,
    StatusStale,
    VerifiedStatusList,
    encode_statuses,
    sign_status_list,
    status_at,
    verify_status_list,
)
from assent.authorisation.permit.status.jws import encode_part, sign_claims
from assent.authorisation.permit.status.status_list import (
    CLOCK_SKEW_S,
    STATUS_TYPE,
    STATUSES_MAX,
    decode_statuses,
)
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW
from assent.vocabulary import AssentError, QuantityInvalid

URI = "https://agency.example/status/1"
SIGNER = SeededSigner("service-status")
KEYS = {SIGNER.key.key_id: SIGNER.key}
DAY = 86_400
# The draft's example of two bits: section 4.2, and the appendix of test vectors.
EXAMPLE = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
EXAMPLE_PACKED = bytes.fromhex("c944f9")
EXAMPLE_LST = "eNo76fITAAPfAgc"


def signed(issued: datetime = NOW, **changes: Any) -> bytes:  # noqa: ANN401 - arguments of the signer
    given = {"uri": URI, "issued": issued, "lasts_s": 2 * DAY, "signer": SIGNER}
    return sign_status_list(encode_statuses(EXAMPLE, 12), **{**given, **changes})


def verify(
    data: bytes, now: datetime = NOW, max_staleness_s: int = DAY
) -> VerifiedStatusList:
    return verify_status_list(data, URI, KEYS, now, max_staleness_s)


def test_the_drafts_example_packs_to_the_drafts_bytes() -> None:
    compressed = encode_statuses(EXAMPLE, 12)
    assert decode_statuses(compressed) == EXAMPLE_PACKED
    assert encode_part(compressed).decode() == EXAMPLE_LST


def test_the_drafts_list_reads_as_the_draft_says() -> None:
    packed = decode_statuses(base64.urlsafe_b64decode(EXAMPLE_LST + "="))
    assert [status_at(packed, index) for index in range(12)] == EXAMPLE


def test_the_drafts_one_bit_example_is_compressed_as_we_compress() -> None:
    packed = bytes.fromhex("b9a3")
    assert encode_part(zlib.compress(packed, 9)) == b"eNrbuRgAAhcBXQ"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.integers(0, 9))
def test_all_statuses_and_those_that_differ_make_the_same_list(
    statuses: list[int], room: int
) -> None:
    size = len(statuses) + room
    whole = encode_statuses(statuses, size)
    few = encode_statuses({i: s for i, s in enumerate(statuses) if s}, size)
    packed = decode_statuses(whole)
    assert whole == few
    assert [status_at(packed, i) for i in range(size)] == [*statuses, *[0] * room]


@pytest.mark.parametrize(
    ("statuses", "size"),
    [
        ([4], 1),
        ([-1], 1),
        ([256], 1),
        ([0, 0], 1),
        ([], 0),
        ({5: 1}, 5),
        ({-1: 1}, 5),
        ({0: 4}, 5),
        ({}, STATUSES_MAX + 1),
    ],
)
def test_refuses_statuses_that_have_no_place(statuses: Any, size: int) -> None:  # noqa: ANN401 - what should not be given
    with pytest.raises(QuantityInvalid):
        encode_statuses(statuses, size)


def whole(statuses: dict[int, int], size: int) -> bytearray:
    """Return all statuses, as an agency draws them up."""
    places = bytearray(size)
    for index, status in statuses.items():
        places[index] = status
    return places


@pytest.mark.parametrize("given", [lambda few, _: few, whole])
def test_a_million_permits_take_under_5_kb(given: Any) -> None:  # noqa: ANN401 - what makes either form
    size = 1_000_000
    revoked = random.Random(1).sample(range(size), size // 500)  # noqa: S311 - no secret
    statuses = given(dict.fromkeys(revoked, 1), size)
    assert len(encode_statuses(statuses, size)) <= 5_000


def test_another_implementation_reads_what_we_sign() -> None:
    key = OKPKey.import_key(_jwk(SIGNER.key.public))
    found = jws.deserialize_compact(signed(), key, algorithms=["Ed25519"])
    header = found.headers()
    assert header == {"alg": "Ed25519", "kid": SIGNER.key.key_id, "typ": STATUS_TYPE}
    claims = json.loads(found.payload)
    assert claims["sub"] == URI
    assert claims["status_list"] == {"bits": 2, "lst": EXAMPLE_LST}
    assert claims["exp"] - claims["iat"] == claims["ttl"] == 2 * DAY


def test_we_read_what_another_implementation_signs() -> None:
    private = SIGNER.private.private_bytes_raw()  # joserfc signs by itself
    key = OKPKey.import_key({**_jwk(SIGNER.key.public), "d": _text(private)})
    header = {"typ": STATUS_TYPE, "alg": "Ed25519", "kid": SIGNER.key.key_id}
    data = jws.serialize_compact(header, json.dumps(_claims()), key, ["Ed25519"])
    found = verify(data.encode())
    assert found.status_at(3) is Status.SUPERSEDED
    assert found.issued == NOW


def test_one_list_answers_for_many_permits() -> None:
    found = verify(signed())
    assert [found.status_at(index) for index in range(12)] == EXAMPLE
    assert found.uri == URI
    with pytest.raises(StatusInvalid, match="none at 12"):
        found.status_at(12)


def test_a_list_counts_as_long_as_the_permit_allows_and_no_second_longer() -> None:
    verify(signed(), NOW + timedelta(seconds=DAY))
    with pytest.raises(StatusStale, match="counts until 2026-06-02T12:00:00Z"):
        verify(signed(), NOW + timedelta(seconds=DAY + 1))


def test_a_list_that_ended_counts_no_more_whatever_the_permit_allows() -> None:
    with pytest.raises(StatusStale):
        verify(signed(), NOW + timedelta(seconds=2 * DAY + 1), 9 * DAY)


def test_a_list_from_the_future_is_refused_beyond_what_clocks_differ() -> None:
    skew = timedelta(seconds=CLOCK_SKEW_S)
    verify(signed(NOW + skew))
    with pytest.raises(StatusStale, match="clock"):
        verify(signed(NOW + skew + timedelta(seconds=1)))


def test_another_list_of_the_same_agency_is_refused() -> None:
    with pytest.raises(StatusInvalid, match="the permit's is"):
        verify(signed(uri="https://agency.example/status/2"))


def test_a_list_by_another_key_is_refused_also_under_the_right_name() -> None:
    other = SeededSigner("somebody")
    with pytest.raises(StatusInvalid, match="no key in force"):
        verify(signed(signer=other))
    data = sign_claims(STATUS_TYPE, _claims(), SIGNER)
    message = data.rpartition(b".")[0]
    forged = message + b"." + encode_part(other.sign(message))
    with pytest.raises(StatusInvalid, match="forged"):
        verify(forged)


def test_another_type_of_claims_is_refused() -> None:
    with pytest.raises(StatusInvalid, match="type"):
        verify(sign_claims("JWT", _claims(), SIGNER))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"crit": ["exp"]},
        {"jwk": {}},
        {"alg": None},
    ],
)
def test_a_header_that_offers_anything_else_is_refused(header: dict[str, Any]) -> None:
    whole = {"alg": "Ed25519", "kid": SIGNER.key.key_id, "typ": STATUS_TYPE, **header}
    parts = [encode_part(json.dumps(part).encode()) for part in (whole, _claims())]
    message = b".".join(parts)
    with pytest.raises(StatusMalformed, match="header"):
        verify(message + b"." + encode_part(SIGNER.sign(message)))


def test_a_header_that_says_a_thing_twice_is_refused() -> None:
    text = f'{{"alg":"none","alg":"Ed25519","kid":"{SIGNER.key.key_id}","typ":"x"}}'
    message = encode_part(text.encode()) + b".e30"
    with pytest.raises(StatusMalformed, match="once"):
        verify(message + b"." + encode_part(SIGNER.sign(message)))


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": "now"},
        {"iat": 1.5},
        {"iat": True},
        {"iat": 10**30},
        {"exp": -1},
        {"sub": None},
        {"nbf": 1},
        {"status_list": None},
        {"status_list": {"bits": 1, "lst": EXAMPLE_LST}},
        {"status_list": {"bits": 2.0, "lst": EXAMPLE_LST}},
        {"status_list": {"bits": 2, "lst": 7}},
        {"status_list": {"bits": 2, "lst": ""}},
        {"status_list": {"bits": 2, "lst": EXAMPLE_LST + "="}},
        {"status_list": {"bits": 2, "lst": "é"}},
        {"status_list": {"bits": 2, "lst": EXAMPLE_LST[:8]}},
        {"status_list": {"bits": 2, "lst": EXAMPLE_LST, "aggregation_uri": "x"}},
    ],
)
def test_claims_of_the_wrong_form_are_refused(changes: dict[str, Any]) -> None:
    claims = json.dumps({**_claims(), **changes}).encode()
    header = {"alg": "Ed25519", "kid": SIGNER.key.key_id, "typ": STATUS_TYPE}
    message = encode_part(json.dumps(header).encode()) + b"." + encode_part(claims)
    with pytest.raises(StatusMalformed):
        verify(message + b"." + encode_part(SIGNER.sign(message)))


def test_a_list_that_would_fill_the_memory_is_refused() -> None:
    bomb = zlib.compress(bytes(STATUSES_MAX // 4 + 1), 9)
    assert len(bomb) < 5_000
    with pytest.raises(StatusMalformed, match="unpacks"):
        decode_statuses(bomb)
    assert len(decode_statuses(zlib.compress(bytes(STATUSES_MAX // 4)))) == 2**22


def test_bytes_behind_the_list_are_refused() -> None:
    with pytest.raises(StatusMalformed):
        decode_statuses(encode_statuses(EXAMPLE, 12) + b"\0")


@given(st.integers(0, 2_000), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(position: int, flip: int) -> None:
    data = bytearray(signed())
    data[position % len(data)] ^= flip
    with pytest.raises((StatusInvalid, StatusMalformed)):
        verify(bytes(data))


@given(
    st.binary(max_size=80) | st.text(alphabet="ey.J0_-", max_size=30).map(str.encode)
)
def test_no_bytes_leak_a_foreign_error(data: bytes) -> None:
    with pytest.raises(AssentError):
        verify(data)


def _claims() -> dict[str, Any]:
    issued = int(NOW.timestamp())
    return {
        "sub": URI,
        "iat": issued,
        "exp": issued + DAY,
        "ttl": DAY,
        "status_list": {"bits": 2, "lst": EXAMPLE_LST},
    }


def _jwk(public: bytes) -> dict[str, str | list[str]]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _text(public)}


def _text(data: bytes) -> str:
    return encode_part(data).decode()
