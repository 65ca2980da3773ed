"""What a witness's operator asks of it: whom to follow, and what it kept.

folder + keys -> logs followed; folder -> FollowedLog, Kept

All of it may be done while the witness runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assent.adapters.translog.witness_store import FollowedLog, Kept, WitnessStore
from assent.apps.witness.folder import open_store
from assent.translog.errors import KeyMalformed, StoreUnavailable
from assent.translog.formats.keys import (
    NAME_BYTES_MAX,
    KeyKind,
    VerifierKey,
    parse_verifier_key,
)
from assent.vocabulary import InputError

_LOG_KINDS = (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)


def trust_log(folder: Path, vkey: str, *, origin: str | None = None) -> str:
    """Follow a log by one of its keys, from now on; return the log's origin.

    As `trust_logs`.
    """
    (followed,) = trust_logs(folder, [vkey], origin=origin)
    return followed


def trust_logs(
    folder: Path, vkeys: Sequence[str], *, origin: str | None = None
) -> list[str]:
    """Follow logs by these keys, from now on, all or none; return the origin of each.

    Args:
        folder: the witness's.
        vkeys: verifier keys of logs. One that is named again changes nothing; another
            key of the same log is trusted beside the first.
        origin: the first line of their tree heads, if that is not the key's name.

    Raises:
        KeyMalformed: if a line is no key that speaks for a log.
        InputError: if that is no origin, or the log had too many keys then.
        NotFound: if there is no witness in the folder.
        StoreUnavailable: if its memory cannot be written.

    """
    keys = [_log_key(vkey) for vkey in vkeys]
    origins = [key.name if origin is None else origin for key in keys]
    for followed in origins:
        if not followed.isprintable() or not 0 < len(followed.encode()) <= (
            NAME_BYTES_MAX
        ):
            raise InputError(
                f"{followed[:80]!r} is no log's origin.",
                remedy="Copy the first line of one of its tree heads.",
            )
    with _store(folder) as store:
        store.trust(zip(origins, keys, strict=True))
    return origins


def untrust_log(folder: Path, origin: str) -> None:
    """Stop following a log, from now on, without forgetting what was cosigned of it.

    Whoever trusts it again goes on from the head that is held.

    Raises:
        NotFound: if there is no witness in the folder, or it does not follow the log.
        StoreUnavailable: if its memory cannot be written.

    """
    with _store(folder) as store:
        store.untrust(origin)


def followed_logs(folder: Path) -> list[FollowedLog]:
    """Return the logs that the witness follows, or followed, by origin.

    Raises:
        NotFound: if there is no witness in the folder.
        StoreUnavailable, LogDamaged: if its memory cannot be read.

    """
    with _store(folder) as store:
        return store.logs()


def kept_refusals(folder: Path) -> list[Kept]:
    """Return what the witness kept of refusals, oldest first.

    Raises:
        NotFound: if there is no witness in the folder.
        StoreUnavailable, LogDamaged: if its memory cannot be read.

    """
    with _store(folder) as store:
        return store.refused()


def export_refusals(folder: Path, to: Path) -> list[Path]:
    """Write what the witness kept of refusals to files (`Kept.files`); return them.

    Raises:
        NotFound: if there is no witness in the folder.
        StoreUnavailable, LogDamaged: if its memory cannot be read or `to` not written.

    """
    written = []
    try:
        to.mkdir(parents=True, exist_ok=True)
        for kept in kept_refusals(folder):
            for name, data in kept.files.items():
                (to / name).write_bytes(data)
                written.append(to / name)
    except OSError as error:
        raise StoreUnavailable(
            f"What was kept cannot be written to {to}: {error.strerror}.",
            remedy="Choose a folder that can be written to.",
        ) from None
    return written


def _log_key(vkey: str) -> VerifierKey:
    key = parse_verifier_key(vkey.strip())
    if key.kind not in _LOG_KINDS:
        raise KeyMalformed(
            f"The key of {key.name} is a witness's.",
            remedy="Give the verifier key that the log signs its tree heads with.",
        )
    return key


@contextmanager
def _store(folder: Path) -> Iterator[WitnessStore]:
    store = open_store(folder)
    try:
        yield store
    finally:
        store.close()
