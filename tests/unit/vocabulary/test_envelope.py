"""DSSE envelopes: strict bytes, bound types, keys that count once."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as DsseEnvelope
from securesystemslib.signer import Key  # type: ignore[attr-defined]

from assent.testing.states import SeededSigner
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    DocumentTooLarge,
    SignatureInvalid,
    canonical_bytes,
)
from assent.vocabulary.envelope import (
    ENVELOPE_BYTES_MAX,
    SIGNATURE_BYTES_MAX,
    SIGNATURES_MAX,
    Envelope,
    EnvelopeSignature,
    PublicKey,
    parse_envelope,
    parse_public_key,
    verify_envelope,
)

TYPE = "application/vnd.assent.permit+json"
KEN, NOR, URY = (SeededSigner(name) for name in ("KEN", "NOR", "URY"))
SIGNED = Envelope(b'{"a":1}', TYPE).signed_by(KEN).signed_by(NOR)
ORDER = 2**252 + 27742317777372353535851937790883648493


def _changed(**fields: object) -> bytes:
    return canonical_bytes({**json.loads(SIGNED.encoded), **fields})  # type: ignore[dict-item]


def _lines() -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads(SIGNED.encoded)["signatures"]
    return lines


def test_the_worked_example_of_the_specification_is_signed_so() -> None:
    envelope = Envelope(b"hello world", "http://example.com/HelloWorld")
    assert envelope.message == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(st.binary(max_size=200), st.text(max_size=40))
def test_lengths_in_the_message_count_bytes(payload: bytes, kind: str) -> None:
    octets = kind.encode()
    expected = b"DSSEv1 %d %s %d %s" % (len(octets), octets, len(payload), payload)
    assert Envelope(payload, kind).message == expected


def test_another_implementation_believes_our_signatures() -> None:
    ours = json.loads(SIGNED.encoded)
    theirs = DsseEnvelope.from_dict(ours)
    keys = [
        Key.from_dict(
            signer.key.key_id,
            {
                "keytype": "ed25519",
                "scheme": "ed25519",
                "keyval": {"public": signer.key.text},
            },
        )
        for signer in (KEN, NOR)
    ]
    assert theirs.verify(keys, 2).keys() == {key.keyid for key in keys}
    assert theirs.pae() == SIGNED.message


@given(st.binary(max_size=300), st.sets(st.sampled_from("ABCDEF")))
def test_what_is_written_is_read_back(payload: bytes, names: set[str]) -> None:
    envelope = Envelope(payload, TYPE)
    for name in names:
        envelope = envelope.signed_by(SeededSigner(name))
    assert parse_envelope(envelope.encoded) == envelope
    keys = [SeededSigner(name).key for name in "ABCDEF"]
    assert verify_envelope(envelope, TYPE, keys) == {
        SeededSigner(name).key.key_id for name in names
    }


def test_the_order_of_signing_leaves_no_trace() -> None:
    other_way = Envelope(b'{"a":1}', TYPE).signed_by(NOR).signed_by(KEN)
    assert other_way == SIGNED
    assert SIGNED.signed_by(KEN) == SIGNED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"\xff",
        SIGNED.encoded + b"\n",
        b" " + SIGNED.encoded,
        SIGNED.encoded[:-1],
        SIGNED.encoded.replace(b'"payloadType"', b'"payload":"","payloadType"'),
        SIGNED.encoded.replace(b'"signatures"', b'"note":1,"signatures"'),
        _changed(payload="e30"),  # without its padding
        _changed(payload="e31="),  # bits beyond the last octet
        _changed(payload="e30=\n"),
        _changed(payload="_-8="),  # the alphabet for addresses
        _changed(payload="é"),
        _changed(payload=None),
        _changed(payload=1),
        _changed(payload=["e30="]),
        _changed(payloadType=""),
        _changed(payloadType="permit"),
        _changed(payloadType=TYPE + "\n"),
        _changed(payloadType=None),
        _changed(signatures=None),
        _changed(signatures={}),
        _changed(signatures=""),
        _changed(signatures="ab"),
        _changed(signatures=[None]),
        _changed(signatures=[[]]),
        _changed(signatures=[{}]),
        _changed(signatures=[{"keyid": KEN.key.key_id}]),
        _changed(signatures=[{"keyid": "KEN", "sig": "AA=="}]),
        _changed(signatures=[{"keyid": KEN.key.key_id.upper(), "sig": "AA=="}]),
        _changed(signatures=[{"keyid": KEN.key.key_id, "sig": 1}]),
        _changed(signatures=[{**_lines()[0], "cert": "x"}]),
        b"[" * 100_000,
    ],
)
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentInvalid):
        parse_envelope(data)


def test_a_key_that_signs_twice_is_refused() -> None:
    with pytest.raises(DocumentInvalid, match="signs twice"):
        parse_envelope(_changed(signatures=[_lines()[0], _lines()[0]]))


def test_too_many_bytes_and_too_many_signatures_are_refused() -> None:
    with pytest.raises(DocumentTooLarge):
        parse_envelope(b"x" * (ENVELOPE_BYTES_MAX + 1))
    lines = [{"keyid": f"{n:064x}", "sig": "AA=="} for n in range(SIGNATURES_MAX + 1)]
    with pytest.raises(DocumentTooLarge, match="512 signatures"):
        parse_envelope(_changed(signatures=lines))
    assert len(parse_envelope(_changed(signatures=lines[1:])).signatures) == 512


@given(st.data())
def test_no_other_bytes_are_the_same_envelope(data: st.DataObject) -> None:
    encoded = bytearray(SIGNED.encoded)
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    keys = [KEN.key, NOR.key]
    try:
        signers = verify_envelope(parse_envelope(bytes(encoded)), TYPE, keys)
    except (DocumentInvalid, SignatureInvalid):
        return
    # Only the name of a key can be changed unseen, and then that key has not signed.
    assert len(signers) < 2


@given(st.binary(max_size=400))
def test_noise_is_refused_by_our_errors(noise: bytes) -> None:
    with pytest.raises(DocumentInvalid):
        parse_envelope(noise)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["keyid", "sig", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(["payload", "payloadType", "signatures"]),
)
def test_values_of_any_kind_are_refused_by_our_errors(value: Any, name: str) -> None:  # noqa: ANN401 - any plain value
    try:
        parse_envelope(_changed(**{name: value}))
    except AssentError:
        return


def test_a_signature_binds_the_type() -> None:
    as_vote = Envelope(
        SIGNED.payload, "application/vnd.assent.vote+json", SIGNED.signatures
    )
    with pytest.raises(SignatureInvalid, match="does not match"):
        verify_envelope(as_vote, as_vote.payload_type, [KEN.key])
    with pytest.raises(SignatureInvalid, match="is of type"):
        verify_envelope(as_vote, TYPE, [KEN.key])


def test_signatures_by_keys_that_nobody_knows_mean_nothing() -> None:
    with_noise = SIGNED.with_signatures([EnvelopeSignature("0" * 64, b"noise")])
    assert verify_envelope(with_noise, TYPE, [KEN.key]) == {KEN.key.key_id}
    assert verify_envelope(with_noise, TYPE, [URY.key]) == frozenset()
    assert verify_envelope(with_noise, TYPE, []) == frozenset()


def test_a_false_signature_by_a_known_key_condemns_the_envelope() -> None:
    line = SIGNED.signatures[0]
    holder = KEN if line.key_id == KEN.key.key_id else NOR
    other = NOR if holder is KEN else KEN
    forged = SIGNED.with_signatures([EnvelopeSignature(line.key_id, bytes(64))])
    with pytest.raises(SignatureInvalid):
        verify_envelope(forged, TYPE, [KEN.key, NOR.key])
    assert verify_envelope(forged, TYPE, [other.key]) == {other.key.key_id}
    short = SIGNED.with_signatures([EnvelopeSignature(line.key_id, b"short")])
    with pytest.raises(SignatureInvalid, match="64 bytes"):
        verify_envelope(short, TYPE, [holder.key])


def test_a_signature_with_another_s_is_refused() -> None:
    line = next(s for s in SIGNED.signatures if s.key_id == KEN.key.key_id)
    s = int.from_bytes(line.signature[32:], "little") + ORDER
    twin = line.signature[:32] + s.to_bytes(32, "little")
    with pytest.raises(SignatureInvalid):
        verify_envelope(
            SIGNED.with_signatures([EnvelopeSignature(line.key_id, twin)]),
            TYPE,
            [KEN.key],
        )


def test_a_signature_does_not_move_to_another_key() -> None:
    line = next(s for s in SIGNED.signatures if s.key_id == KEN.key.key_id)
    moved = Envelope(
        SIGNED.payload, TYPE, (EnvelopeSignature(URY.key.key_id, line.signature),)
    )
    with pytest.raises(SignatureInvalid):
        verify_envelope(moved, TYPE, [URY.key])


def test_a_key_is_named_by_its_description_as_tuf_names_it() -> None:
    keyval = f'"keyval":{{"public":"{KEN.key.text}"}}'
    told = f'{{"keytype":"ed25519",{keyval},"scheme":"ed25519"}}'
    assert KEN.key.key_id == hashlib.sha256(told.encode()).hexdigest()
    assert parse_public_key(KEN.key.text) == KEN.key


@pytest.mark.parametrize(
    "text",
    ["", "00", "A" * 64, "g" * 64, "0" * 65, "0" * 64 + "\n", None, 0, b"0" * 64],
)
def test_what_is_no_key_is_refused(text: object) -> None:
    with pytest.raises(SignatureInvalid, match="no Ed25519 public key"):
        parse_public_key(text)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(SignatureInvalid, match="32 bytes"):
        PublicKey(bytes(length))


def test_a_key_of_small_order_signs_nothing() -> None:
    weak = PublicKey(b"\x01" + bytes(31))
    envelope = SIGNED.with_signatures(
        [EnvelopeSignature(weak.key_id, b"\x01" + bytes(63))]
    )
    with pytest.raises(SignatureInvalid, match="small order"):
        verify_envelope(envelope, TYPE, [weak])


def test_the_payload_travels_as_base64() -> None:
    assert (
        json.loads(SIGNED.encoded)["payload"] == base64.b64encode(b'{"a":1}').decode()
    )


@pytest.mark.parametrize(
    ("key_id", "signature"),
    [
        ([], b""),
        (None, b""),
        ("a" * 63, b""),
        ("A" * 64, b""),
        ("a" * 64 + "\n", b""),
        ("a" * 64, "ff"),
        ("a" * 64, None),
        ("a" * 64, bytes(SIGNATURE_BYTES_MAX + 1)),
    ],
)
def test_what_could_be_no_signature_is_refused_whoever_hands_it_in(
    key_id: Any,  # noqa: ANN401 - anything
    signature: Any,  # noqa: ANN401 - anything
) -> None:
    with pytest.raises(DocumentInvalid):
        EnvelopeSignature(key_id, signature)
    assert EnvelopeSignature("a" * 64, bytes(SIGNATURE_BYTES_MAX)).signature
