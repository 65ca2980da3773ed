"""The folder of one's own witness.

folder <-> keys and memory

    keys            the signing keys; only their owner can read them
    verifier-keys   the public halves, one a line: give them to logs and policies
    witness.db      whom it follows, and the newest head of each that it cosigned
    *.split-view    evidence against logs that asked for two histories
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from assent.adapters.keys.key_files import read_keys, write_keys
from assent.adapters.translog.witness_store import WitnessStore
from assent.apps.witness.answer import OpenWitness
from assent.translog.errors import KeyMalformed, StoreUnavailable
from assent.translog.formats.keys import (
    SEED_BYTES,
    KeyKind,
    VerifierKey,
    make_signing_key,
)
from assent.vocabulary import InputError

COSIGNING_KINDS = (KeyKind.ED25519_COSIGNATURE, KeyKind.ML_DSA_44_COSIGNATURE)
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
        InputError: if there is a witness in the folder, or what is left of one.
        StoreUnavailable: if the disk refuses; it never becomes a witness then.

    """
    if not kinds or any(kind not in COSIGNING_KINDS for kind in kinds):
        raise KeyMalformed(
            "A witness's keys are for cosignatures.",
            remedy="Choose Ed25519 cosignatures, ML-DSA-44, or both.",
        )
    keys = [make_signing_key(name, kind, seed_source(SEED_BYTES)) for kind in kinds]
    verifiers = tuple(key.verifier for key in keys)
    try:
        _check_empty(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The keys after the memory: what can sign must not forget.
        store = WitnessStore.make(folder / _STORE, verifiers)
        try:
            lines = "".join(f"{key.text}\n" for key in verifiers)
            (folder / _VERIFIER_KEYS).write_text(lines, "utf-8")
            write_keys(folder / _KEYS, keys)
        except BaseException:
            # Without the memory, nothing that is left of the keys ever signs.
            store.remove()
            (folder / _VERIFIER_KEYS).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreUnavailable(
            f"The witness cannot be made in {folder}: {error.strerror}.",
            remedy="Choose a folder that can be written to.",
        ) from None
    store.close()
    return verifiers


def open_witness(folder: Path, *, now: Callable[[], int]) -> OpenWitness:
    """Return the witness in a folder; `now` gives the time in POSIX seconds.

    Raises:
        NotFound: if there is none, or it lost its memory.
        InputError: if others can read its keys.
        KeyMalformed: if its keys are damaged.
        LogDamaged: if the memory is not of these keys.
        StoreUnavailable: if it cannot be read.

    """
    keys = read_keys(folder / _KEYS)
    if not keys or any(key.kind not in COSIGNING_KINDS for key in keys):
        raise KeyMalformed(
            f"{folder / _KEYS} does not hold the keys of a witness.",
            remedy="Name the folder that `assent witness init` made.",
        )
    store = open_store(folder)
    try:
        store.verify_keys(key.verifier for key in keys)
    except BaseException:
        store.close()
        raise
    return OpenWitness(keys=keys, store=store, folder=folder, now=now)


def open_store(folder: Path) -> WitnessStore:
    """Return the memory of the witness in a folder.

    Raises:
        NotFound: if there is none.

    """
    return WitnessStore(folder / _STORE)


def _check_empty(folder: Path) -> None:
    for name in (_KEYS, _VERIFIER_KEYS, _STORE):
        if (folder / name).exists():
            raise InputError(
                f"{folder} holds {name!r} of a witness already.",
                remedy="Make a new witness in a new folder, with new keys: one that"
                " lost its memory could be made to cosign two histories.",
            )
