"""The folder of one's own log: what it is called, its keys, its policy, its places.

folder <-> LogFolder

    log.yaml      the origin and where documents are
    keys          the signing keys; only their owner can read them
    policy        C2SP tlog-policy: this log, its witnesses and their quorum
    log.db        the database, unless DATABASE_URL names another
    public/       what is served: tiles and the tree head
    documents/    what the digests in entries refer to; may be elsewhere
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assent.adapters.files import make_folder, write_durably
from assent.adapters.keys.key_files import read_keys, write_keys
from assent.translog.errors import PolicyMalformed
from assent.translog.formats.keys import SigningKey
from assent.translog.formats.policy import Policy, parse_policy
from assent.translog.formats.statements import POLICY_BYTES_MAX
from assent.vocabulary import DocumentInvalid, InputError, NotFound, parse_yaml

_SETTINGS, _KEYS, _POLICY = "log.yaml", "keys", "policy"
_MODE = 0o644  # readers of the log need its policy; neither file is a secret
_MARK = "assent log v1"
_FIELDS = {"format", "origin", "documents"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFolder:
    """What a log's folder says."""

    folder: Path
    origin: str
    documents: str
    policy: Policy

    @property
    def database(self) -> Path:
        """Return where the database is by default."""
        return self.folder / "log.db"

    @property
    def public(self) -> Path:
        """Return the folder that is served."""
        return self.folder / "public"

    @property
    def policy_path(self) -> Path:
        """Return where the policy is, which readers of the log need too."""
        return self.folder / _POLICY

    def keys(self) -> tuple[SigningKey, ...]:
        """Return the log's signing keys.

        Raises:
            NotFound, InputError, KeyMalformed: if they cannot be used.

        """
        return read_keys(self.folder / _KEYS)


def prepare_log_folder(
    folder: Path, keys: Sequence[SigningKey], trust: bytes, documents: str
) -> LogFolder:
    """Put everything in a folder but what makes it a log: `finish_log_folder` does.

    Whoever was stopped in between prepares it again: keys of the same name that are
    there already are the log's, not the new ones.

    Args:
        folder: a folder that holds no log.
        keys: new keys for the log, all named after its origin.
        trust: lines of a policy on witnesses, groups and the quorum; the lines on the
            log itself are added.
        documents: where documents are, a path within the folder or an fsspec URL.

    Raises:
        InputError: if the folder holds a log, or keys of another one.
        PolicyMalformed: if the lines are no policy.
        StoreUnavailable: if the disk refuses.

    """
    if (folder / _SETTINGS).exists():
        raise InputError(
            f"{folder} holds a log already.",
            remedy="Use it as it is, or make the new one in another folder.",
        )
    is_resumed = (folder / _KEYS).exists()
    if is_resumed:
        keys = _keys_like(keys, folder / _KEYS)
    logs = "".join(f"log {key.verifier.text}\n" for key in keys).encode()
    policy = parse_policy(logs + trust)
    if [log.key for log in policy.logs] != [key.verifier for key in keys]:
        raise PolicyMalformed(
            "The policy for a new log names other logs.",
            remedy="Give lines on witnesses, groups and the quorum only.",
        )
    place = LogFolder(
        folder=folder,
        origin=keys[0].name,
        documents=_resolved(folder, documents),
        policy=policy,
    )
    make_folder(place.public, 0o777)
    if "://" not in documents:
        make_folder(Path(place.documents), 0o700)
    if not is_resumed:
        write_keys(folder / _KEYS, keys)
    write_durably(place.policy_path, logs + trust, _MODE)
    return place


def finish_log_folder(place: LogFolder, documents: str) -> None:
    """Make a prepared folder a log's, once all else is there.

    Raises:
        StoreUnavailable: if the disk refuses.

    """
    settings = {"format": _MARK, "origin": place.origin, "documents": documents}
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    write_durably(place.folder / _SETTINGS, text.encode(), _MODE)


def open_log_folder(folder: Path) -> LogFolder:
    """Return what a log's folder says.

    Raises:
        NotFound: if there is no log in it.
        DocumentInvalid, PolicyMalformed: if a file in it is not as `init` wrote it.

    """
    settings = _settings(folder / _SETTINGS)
    documents = settings["documents"]
    return LogFolder(
        folder=folder,
        origin=settings["origin"],
        documents=_resolved(folder, documents),
        policy=read_policy(folder / _POLICY),
    )


def read_policy(path: Path) -> Policy:
    """Return the policy in a file.

    Raises:
        NotFound: if there is no such file.
        PolicyMalformed: if it is no policy.

    """
    return parse_policy(_read(path, POLICY_BYTES_MAX + 1))


def _resolved(folder: Path, documents: str) -> str:
    return documents if "://" in documents else str(folder / documents)


def _keys_like(keys: Sequence[SigningKey], path: Path) -> Sequence[SigningKey]:
    """Return the keys in a file, if they are as these but for their secrets."""
    found = read_keys(path)
    if [(k.name, k.kind) for k in found] != [(k.name, k.kind) for k in keys]:
        raise InputError(
            f"{path} holds other keys than those of a log {keys[0].name!r}.",
            remedy="Make the log in another folder, or give the origin they are for.",
        )
    return found


def _settings(path: Path) -> dict[str, str]:
    try:
        text = _read(path, POLICY_BYTES_MAX).decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    value: Any = parse_yaml(text).value
    if (
        not isinstance(value, dict)
        or value.keys() != _FIELDS
        or value["format"] != _MARK
        or not all(isinstance(item, str) for item in value.values())
    ):
        raise DocumentInvalid(
            f"{path} does not describe a log.",
            remedy=f"It states format ({_MARK}), origin and documents, as texts.",
        )
    return value


def _read(path: Path, bytes_max: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(bytes_max)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"There is no {path}.",
            remedy="Check the folder, or make a log in it with `assent log init`.",
        ) from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.",
            remedy="Check the path and who may read it.",
        ) from None
