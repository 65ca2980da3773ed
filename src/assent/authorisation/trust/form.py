"""The documents of TUF metadata, as far as we use them (TUF 1.0, section 4).

plain values -> MetadataForm, every field checked

Narrower than TUF allows: only Ed25519 keys, only SHA-256, one target, no delegations,
no further fields. So nothing is signed that no reader looks at.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assent.vocabulary import QuantityInvalid, parse_instant
from assent.vocabulary.envelope import SIGNATURES_MAX

KEYS_MAX = 512  # two for each state there is
VERSION_MAX = 2**31 - 1  # one each second for 68 years
TREATY_BYTES_MAX = 4_000_000  # as many characters as we read of any document


def _instant(value: object) -> datetime:
    try:
        return parse_instant(value)
    except QuantityInvalid as error:
        raise ValueError(error.message) from None


Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[int, Field(ge=1, le=VERSION_MAX)]
Length = Annotated[int, Field(ge=1, le=TREATY_BYTES_MAX)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Signed(_Part):
    expires: Annotated[datetime, BeforeValidator(_instant)]
    spec_version: Annotated[str, Field(pattern=r"^1\.[0-9]{1,3}\.[0-9]{1,3}$")]
    version: Version


class SignatureForm(_Part):
    """One line of a signature."""

    keyid: Hex32
    sig: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class KeyValueForm(_Part):
    """The public half."""

    public: Hex32


class KeyForm(_Part):
    """A key; its algorithm is Ed25519."""

    keytype: Literal["ed25519"]
    scheme: Literal["ed25519"]
    keyval: KeyValueForm


class RoleForm(_Part):
    """Which keys sign for a role, and how many of them."""

    keyids: Annotated[list[Hex32], Field(min_length=1, max_length=KEYS_MAX)]
    threshold: Annotated[int, Field(ge=1, le=KEYS_MAX)]


class RolesForm(_Part):
    """The four roles."""

    root: RoleForm
    snapshot: RoleForm
    targets: RoleForm
    timestamp: RoleForm


class RootForm(_Signed):
    """Which keys speak for which role."""

    type_: Literal["root"] = Field(alias="_type")
    consistent_snapshot: Literal[True]
    keys: Annotated[dict[Hex32, KeyForm], Field(min_length=1, max_length=KEYS_MAX)]
    roles: RolesForm


class HashesForm(_Part):
    """The one hash."""

    sha256: Hex32


class MetaFileForm(_Part):
    """Which version of another metadata file."""

    hashes: HashesForm
    length: Length
    version: Version


class TargetFileForm(_Part):
    """Which treaty."""

    hashes: HashesForm
    length: Length


class _OfSnapshot(_Part):
    file: MetaFileForm = Field(alias="snapshot.json")


class _OfTargets(_Part):
    file: MetaFileForm = Field(alias="targets.json")


class _OfTreaty(_Part):
    file: TargetFileForm = Field(alias="treaty.json")


class TimestampForm(_Signed):
    """Which snapshot is the newest."""

    type_: Literal["timestamp"] = Field(alias="_type")
    meta: _OfSnapshot

    @property
    def names(self) -> MetaFileForm:
        """The file that it names."""
        return self.meta.file


class SnapshotForm(_Signed):
    """Which targets belong together; here there is one."""

    type_: Literal["snapshot"] = Field(alias="_type")
    meta: _OfTargets

    @property
    def names(self) -> MetaFileForm:
        """The file that it names."""
        return self.meta.file


class TargetsForm(_Signed):
    """Which treaty the states signed."""

    type_: Literal["targets"] = Field(alias="_type")
    targets: _OfTreaty

    @property
    def names(self) -> TargetFileForm:
        """The file that it names."""
        return self.targets.file


class MetadataForm(_Part):
    """A metadata file: what is signed, and by whom."""

    signatures: Annotated[list[SignatureForm], Field(max_length=SIGNATURES_MAX)]
    signed: Annotated[
        RootForm | TimestampForm | SnapshotForm | TargetsForm,
        Field(discriminator="type_"),
    ]
