"""The folder of one's own witness.

folder <-> keys and memory

    keys            the signing keys; only their owner can read them
    verifier-keys   the public halves, one a line: give them to logs and policies
    witness.db      whom it follows, and the newest head of each that it cosigned
    *.split-view    evidence against logs that asked for two histories
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from assent.adapters.key_files import read_keys, write_keys
from assent.adapters.translog.witness_store import Kept, WitnessStore
from assent.apps.witness.answer import OpenWitness
from assent.translog.errors import KeyMalformed, StoreUnavailable
from assent.translog.formats.keys import (
    SEED_BYTES,
    KeyKind,
    VerifierKey,
    make_signing_key,
    parse_verifier_key,
)
from assent.vocabulary import InputError

COSIGNING_KINDS = (KeyKind.ED25519_COSIGNATURE, KeyKind.ML_DSA_44_COSIGNATURE)
_LOG_KINDS = (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)
_KEYS, _VERIFIER_KEYS, _STORE = "keys", "verifier-keys", "witness.db"


def create_witness(
    folder: Path,
    name: str,
    kinds: Sequence[KeyKind] = COSIGNING_KINDS,
    *,
    seed_source: Callable[[int], bytes],
) -> tuple[VerifierKey, ...]:
    """Make a witness in a folder; return the keys by which others know it.

    Args:
        folder: made if need be; it must hold no witness.
        name: a URL without its scheme, such as `foreign-office.example/witness`.
        kinds: one key is made of each. ML-DSA-44 withstands quantum computers and can
            cosign subtrees; Ed25519 is what older verifiers know.
        seed_source: gives so many secret random bytes: `secrets.token_bytes`.

    Raises:
        KeyMalformed: if the name will not do, or a kind is not for cosignatures.
        InputError: if there is a witness in the folder.
        StoreUnavailable: if the disk refuses.

    """
    if not kinds or any(kind not in COSIGNING_KINDS for kind in kinds):
        raise KeyMalformed(
            "A witness's keys are for cosignatures.",
            remedy="Choose Ed25519 cosignatures, ML-DSA-44, or both.",
        )
    keys = [make_signing_key(name, kind, seed_source(SEED_BYTES)) for kind in kinds]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The keys after the memory: what can sign must not forget.
        WitnessStore(folder / _STORE, create=True).close()
        write_keys(folder / _KEYS, keys)
        lines = "".join(f"{key.verifier.text}\n" for key in keys)
        (folder / _VERIFIER_KEYS).write_text(lines, "utf-8")
    except OSError as error:
        raise StoreUnavailable(
            f"The witness cannot be made in {folder}: {error.strerror}.",
            remedy="Choose a folder that can be written to.",
        ) from None
    return tuple(key.verifier for key in keys)


def open_witness(folder: Path, *, now: Callable[[], int]) -> OpenWitness:
    """Return the witness in a folder; `now` gives the time in POSIX seconds.

    Raises:
        NotFound: if there is none, or it lost its memory.
        InputError: if others can read its keys.
        KeyMalformed: if its keys are damaged.

    """
    keys = read_keys(folder / _KEYS)
    if not keys or any(key.kind not in COSIGNING_KINDS for key in keys):
        raise KeyMalformed(
            f"{folder / _KEYS} does not hold the keys of a witness.",
            remedy="Name the folder that `assent witness init` made.",
        )
    store = WitnessStore(folder / _STORE)
    return OpenWitness(keys=keys, store=store, folder=folder, now=now)


def trust_log(folder: Path, vkey: str, *, origin: str | None = None) -> str:
    """Follow a log by one of its keys, from now on; return the log's origin.

    Args:
        folder: the witness's.
        vkey: the log's verifier key. One that is named again changes nothing; another
            key of the same log is trusted beside the first.
        origin: the first line of its tree heads, if that is not the key's name.

    Raises:
        KeyMalformed: if the line is no key that speaks for a log.
        NotFound: if there is no witness in the folder.
        StoreUnavailable: if its memory cannot be written.

    """
    key = parse_verifier_key(vkey.strip())
    if key.kind not in _LOG_KINDS:
        raise KeyMalformed(
            f"The key of {key.name} is a witness's.",
            remedy="Give the verifier key that the log signs its tree heads with.",
        )
    followed = key.name if origin is None else origin
    if not followed or "\n" in followed:
        raise InputError(
            f"{followed!r} is no log's origin.",
            remedy="Copy the first line of one of its tree heads.",
        )
    store = WitnessStore(folder / _STORE)
    try:
        store.trust(followed, key)
    finally:
        store.close()
    return followed


def kept_refusals(folder: Path) -> list[Kept]:
    """Return what the witness kept of refusals, oldest first.

    Raises:
        NotFound: if there is no witness in the folder.
        StoreUnavailable, LogDamaged: if its memory cannot be read.

    """
    store = WitnessStore(folder / _STORE)
    try:
        return store.refused()
    finally:
        store.close()
