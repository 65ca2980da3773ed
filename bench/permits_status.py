"""How large is the status list of a million permits, and how long is it drawn up?

2,000 revoked permits of 1,000,000 -> bytes, seconds; against proofbundle and a floor
"""

import math
import random
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import proofbundle
from bench.race import OURS
from bench.spread import COLUMNS, spread_row, spreads
from bench.table import WORSE, Table
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from proofbundle.statuslist import issue_status_list_token

from assent.authorisation.permit import (
    Status,
    encode_statuses,
    sign_status_list,
    verify_status_list,
)
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW
from assent.vocabulary.envelope import PublicKey

SIZE = 1_000_000
REVOKED = 2_000
TIMES = 50
OF_PEER = 5  # proofbundle takes half a second for one
BYTES_MAX = 5_000
BUILD_S_MAX = 50e-3
PROOFBUNDLE, NUMPY = "proofbundle", "numpy and zlib"
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_URI, _LASTS_S = "https://agency.example/status/1", 86_400
_NOTE = """\
The list has two bits for each permit, all valid but for {revoked:,} at random, which
are revoked. Compressed it has {compressed:,} bytes{mark}, of at most {target:,}, and
signed {signed:,}; proofbundle's has {theirs:,} signed, and zlib on bits that numpy
packed, without a signature, {floor:,}. The choice of {revoked:,} places among {size:,}
alone holds {entropy:,} bytes of information."""
_PEERS = """\
assent is given the revoked permits by their places; proofbundle and numpy take a list
of all. proofbundle refuses no list for its length of life and knows no key by its
name; it reads what the same draft of IETF describes. How long the agency's database
takes to tell which permits are revoked is not in these figures."""


def permits_status() -> Table:
    """Time drawing up, signing, verifying and asking a status list."""
    draw = random.Random(1)  # noqa: S311 - the same sample every time
    revoked = dict.fromkeys(draw.sample(range(SIZE), REVOKED), int(Status.INVALID))
    signer = SeededSigner("service-status")
    compressed = encode_statuses(revoked, SIZE)
    signed = _signed(compressed, signer)
    theirs = _of_proofbundle(revoked)
    races = (
        (
            "drawing up",
            {
                OURS: lambda: encode_statuses(revoked, SIZE),
                NUMPY: lambda: _packed_by_numpy(revoked),
            },
            TIMES,
            BUILD_S_MAX,
        ),
        (
            "drawing up and signing",
            {
                OURS: lambda: _signed(encode_statuses(revoked, SIZE), signer),
                PROOFBUNDLE: lambda: _of_proofbundle(revoked),
            },
            OF_PEER,
            BUILD_S_MAX,
        ),
        (
            "verifying, and looking up a permit",
            {
                OURS: lambda: _looked_up(signed, signer),
                PROOFBUNDLE: lambda: _looked_up_by_proofbundle(theirs),
            },
            TIMES,
            None,
        ),
    )
    listed = verify_status_list(signed, _URI, _keys(signer), NOW, _LASTS_S)
    again = {OURS: lambda: listed.status_at(SIZE // 2)}
    return Table(
        title=f"The status list of {SIZE:,} permits",
        columns=COLUMNS,
        rows=[
            *(
                spread_row(what, spreads(race, times), target)
                for what, race, times, target in races
            ),
            spread_row("looking up another permit", spreads(again, 1_000)),
        ],
        notes=(
            _NOTE.format(
                revoked=REVOKED,
                size=SIZE,
                compressed=len(compressed),
                mark=f" {WORSE}" if len(compressed) > BYTES_MAX else "",
                target=BYTES_MAX,
                signed=len(signed),
                theirs=len(theirs),
                floor=len(_packed_by_numpy(revoked)),
                entropy=_entropy_bytes(),
            ),
            _PEERS,
        ),
    )


def _signed(compressed: bytes, signer: SeededSigner) -> bytes:
    return sign_status_list(
        compressed, uri=_URI, issued=NOW, lasts_s=_LASTS_S, signer=signer
    )


def _keys(signer: SeededSigner) -> dict[str, PublicKey]:
    return {signer.key.key_id: signer.key}


def _looked_up(signed: bytes, signer: SeededSigner) -> None:
    listed = verify_status_list(signed, _URI, _keys(signer), NOW, _LASTS_S)
    listed.status_at(SIZE // 2)


def _looked_up_by_proofbundle(signed: str) -> None:
    found = proofbundle.verify_status_snapshot(
        signed,
        expected_uri=_URI,
        index=SIZE // 2,
        issuer_pubkey=_KEY.public_key().public_bytes_raw(),
        now=_posix(NOW + timedelta(hours=1)),
    )
    if found["fresh"] is not True:
        raise ValueError("a peer refuses a list that is right")


def _of_proofbundle(revoked: Mapping[int, int]) -> str:
    token: str = issue_status_list_token(
        _all(revoked).tolist(),
        uri=_URI,
        signer=_KEY,
        iat=_posix(NOW),
        bits=2,
        exp=_posix(NOW) + _LASTS_S,
        ttl=_LASTS_S,
    )
    return token


def _packed_by_numpy(revoked: Mapping[int, int]) -> bytes:
    places = _all(revoked).reshape(-1, 4) << np.array([0, 2, 4, 6], np.uint8)
    return zlib.compress(places.sum(axis=1, dtype=np.uint8).tobytes(), 9)


def _all(revoked: Mapping[int, int]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    statuses = np.zeros(SIZE, np.uint8)
    statuses[list(revoked)] = list(revoked.values())
    return statuses


def _entropy_bytes() -> int:
    """Return the information in a choice of places, rounded up to bytes."""
    return -(-(math.comb(SIZE, REVOKED).bit_length()) // 8)


def _posix(time: datetime) -> int:
    return int(time.timestamp())
