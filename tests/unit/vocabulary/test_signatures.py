"""The pinned rule for signatures: what is refused, and by which condition."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.edwards25519 import (
    NEUTRAL,
    ORDER,
    PRIME,
    SQRT_OF_MINUS_ONE,
    D,
    Point,
    encode,
    is_on_curve,
    square_root,
    times,
)

from assent.vocabulary import SignatureInvalid
from assent.vocabulary.signatures import (
    FIELD_PRIME,
    SMALL_ORDER_Y,
    point_flaw,
    verify_ed25519,
    verify_ml_dsa_44,
)

SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
MESSAGE = b"a permit"
SIGNATURE = KEY.sign(MESSAGE)
ML_DSA_KEY = MLDSA44PrivateKey.from_seed_bytes(SEED)
ML_DSA_PUBLIC = ML_DSA_KEY.public_key().public_bytes_raw()

# RFC 8032, section 7.1: secret key, public key, message, signature
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
            "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
            "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]


def _points_of_small_order() -> set[Point]:
    """Solve the curve's equation for the points that eight times are neutral."""
    # Order 1 and 2: a point is its own negative where x = 0, so y = 1 or -1.
    points = {NEUTRAL, (0, PRIME - 1)}
    # Order 4: twice the point has x = 0 and y = -1, so y = 0 and x**2 = -1.
    points |= {(SQRT_OF_MINUS_ONE, 0), (PRIME - SQRT_OF_MINUS_ONE, 0)}
    # Order 8: twice the point has y = 0, so y**2 = -x**2, which makes the equation of
    # the curve d x**4 - 2 x**2 - 1 = 0, quadratic in x**2.
    root = square_root(1 + D)
    assert root is not None
    for x_square in ((1 + sign * root) * pow(D, -1, PRIME) % PRIME for sign in (1, -1)):
        x, y = square_root(x_square), square_root(-x_square % PRIME)
        if x is not None and y is not None:
            points |= {(u, v) for u in (x, PRIME - x) for v in (y, PRIME - y)}
    assert all(is_on_curve(point) for point in points)
    return points


SMALL = sorted(_points_of_small_order())


def _refusal_ed25519(public_key: bytes, signature: bytes, message: bytes) -> str:
    with pytest.raises(SignatureInvalid) as refusal:
        verify_ed25519(public_key, signature, message)
    assert refusal.value.remedy
    return refusal.value.message


@pytest.mark.parametrize(("seed", "public_key", "message", "signature"), RFC_8032)
def test_accepts_the_signatures_of_the_rfc(
    seed: str, public_key: str, message: str, signature: str
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    assert key.public_key().public_bytes_raw().hex() == public_key
    assert key.sign(bytes.fromhex(message)).hex() == signature
    verify_ed25519(
        bytes.fromhex(public_key), bytes.fromhex(signature), bytes.fromhex(message)
    )


def test_eight_points_are_of_small_order_and_all_are_listed() -> None:
    assert len(SMALL) == 8
    for point in SMALL:
        assert times(8, point) == NEUTRAL
    assert {y for _, y in SMALL} == SMALL_ORDER_Y
    assert FIELD_PRIME == PRIME


@pytest.mark.parametrize("point", SMALL, ids=lambda point: encode(point).hex())
def test_a_point_of_small_order_is_refused_as_key_and_in_a_signature(
    point: Point,
) -> None:
    encoded = encode(point)
    assert point_flaw(encoded) == "of small order"
    assert "key is of small order" in _refusal_ed25519(encoded, SIGNATURE, MESSAGE)
    forged = encoded + SIGNATURE[32:]
    assert "point R is of small order" in _refusal_ed25519(PUBLIC, forged, MESSAGE)


def test_a_signature_that_fits_every_message_is_refused() -> None:
    # With the neutral point as key, S = 0 and R neutral fit any message whatsoever.
    neutral = encode(NEUTRAL)
    refusal = _refusal_ed25519(neutral, neutral + bytes(32), MESSAGE)
    assert "of small order" in refusal


@pytest.mark.parametrize("y", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_a_y_of_the_prime_or_more_is_refused(y: int, sign: int) -> None:
    encoded = (PRIME + y | sign << 255).to_bytes(32, "little")
    assert point_flaw(encoded) == "not in its canonical encoding"
    assert "canonical" in _refusal_ed25519(encoded, SIGNATURE, MESSAGE)


@pytest.mark.parametrize("y", [1, PRIME - 1])
def test_a_zero_with_a_sign_is_refused(y: int) -> None:
    encoded = (y | 1 << 255).to_bytes(32, "little")
    assert point_flaw(encoded) == "not in its canonical encoding"
    refusal = _refusal_ed25519(PUBLIC, encoded + SIGNATURE[32:], MESSAGE)
    assert "canonical" in refusal


def test_an_ordinary_point_has_no_flaw() -> None:
    assert point_flaw(PUBLIC) is None
    assert point_flaw(SIGNATURE[:32]) is None
    assert point_flaw((2).to_bytes(32, "little")) is None


def test_a_key_that_is_on_no_curve_is_refused_by_the_equation() -> None:
    assert point_flaw((2).to_bytes(32, "little")) is None
    refusal = _refusal_ed25519((2).to_bytes(32, "little"), SIGNATURE, MESSAGE)
    assert "does not match" in refusal


@pytest.mark.parametrize("added", [1, 2, 8])
def test_s_of_the_order_of_the_group_or_more_is_refused(added: int) -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + added * ORDER
    other = SIGNATURE[:32] + s.to_bytes(32, "little")
    assert "does not match" in _refusal_ed25519(PUBLIC, other, MESSAGE)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    public_key = (PUBLIC * 2)[:length]
    assert "32 bytes" in _refusal_ed25519(public_key, SIGNATURE, MESSAGE)


@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    signature = (SIGNATURE * 2)[:length]
    assert "64 bytes" in _refusal_ed25519(PUBLIC, signature, MESSAGE)


@given(st.integers(0, 511), st.binary(max_size=40))
def test_one_other_bit_anywhere_is_refused(bit: int, message: bytes) -> None:
    signature = KEY.sign(message)
    verify_ed25519(PUBLIC, signature, message)
    value = int.from_bytes(signature, "little") ^ 1 << bit
    with pytest.raises(SignatureInvalid):
        verify_ed25519(PUBLIC, value.to_bytes(64, "little"), message)
    with pytest.raises(SignatureInvalid):
        verify_ed25519(PUBLIC, signature, message + b"\0")


@given(st.binary(min_size=64, max_size=64))
def test_a_random_signature_is_refused_by_an_error_of_ours(signature: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify_ed25519(PUBLIC, signature, MESSAGE)


@given(st.binary(max_size=40))
def test_accepts_ml_dsa_44_and_nothing_near_it(message: bytes) -> None:
    signature = ML_DSA_KEY.sign(message)
    verify_ml_dsa_44(ML_DSA_PUBLIC, signature, message)
    with pytest.raises(SignatureInvalid):
        verify_ml_dsa_44(ML_DSA_PUBLIC, signature, message + b"\0")
    other = bytes([signature[0] ^ 1]) + signature[1:]
    with pytest.raises(SignatureInvalid):
        verify_ml_dsa_44(ML_DSA_PUBLIC, other, message)


def test_ml_dsa_44_with_a_context_is_refused() -> None:
    signature = ML_DSA_KEY.sign(MESSAGE, b"another protocol")
    with pytest.raises(SignatureInvalid):
        verify_ml_dsa_44(ML_DSA_PUBLIC, signature, MESSAGE)


@pytest.mark.parametrize("length", [0, 32, 1311, 1313])
def test_an_ml_dsa_44_key_of_another_length_is_refused(length: int) -> None:
    public_key = (ML_DSA_PUBLIC * 2)[:length]
    with pytest.raises(SignatureInvalid, match=r"1,312 bytes"):
        verify_ml_dsa_44(public_key, ML_DSA_KEY.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize("length", [0, 64, 2419, 2421])
def test_an_ml_dsa_44_signature_of_another_length_is_refused(length: int) -> None:
    signature = (ML_DSA_KEY.sign(MESSAGE) * 2)[:length]
    with pytest.raises(SignatureInvalid):
        verify_ml_dsa_44(ML_DSA_PUBLIC, signature, MESSAGE)


@given(st.binary(min_size=1312, max_size=1312))
def test_any_ml_dsa_44_key_is_answered_by_an_error_of_ours(public_key: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify_ml_dsa_44(public_key, ML_DSA_KEY.sign(MESSAGE), MESSAGE)
