r"""A permit's file: everything that is needed to verify it offline, but the root.

bytes <-> PermitBundle(permit, proof, status, trust, foreign)

    {"foreign":null,"format":"assent-permit-bundle/1","permit":{"payload":"…","payloadType":"application/vnd.assent.permit+json","signatures":[…]},"proof":"c2sp.org/tlog-proof@v1\\n…","status":"eyJ…","trust":{…}}

Nothing in it is believed yet. The permit, its proof and its signatures never change;
the status list and the trust metadata age, and whoever has newer ones uses those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from assent.authorisation.permit.errors import PermitMalformed
from assent.authorisation.permit.fields import mapping_of
from assent.authorisation.trust import TrustMetadata, trust_metadata_of
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    parse_canonical,
)
from assent.vocabulary.envelope import Envelope, parse_envelope

FORMAT = "assent-permit-bundle/1"
BUNDLE_BYTES_MAX = 16_000_000  # the largest permit, status list and trust metadata
_FIELDS = frozenset({"foreign", "format", "permit", "proof", "status", "trust"})
_FOREIGN = frozenset({"root", "trust"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTrust:
    """Another agency's root metadata, version 1, and what leads on from it."""

    root: bytes
    trust: TrustMetadata


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitBundle:
    """A permit with what proves it.

    Attributes:
        envelope: the permit with its signatures.
        proof: that the public log holds it (C2SP tlog-proof).
        status: the newest signed status list at hand, if there was one.
        trust: metadata of the agency that the reader trusts.
        foreign: of the agency that granted the permit, if it is another.

    """

    envelope: Envelope
    proof: bytes
    status: bytes | None
    trust: TrustMetadata
    foreign: ForeignTrust | None = None

    @property
    def encoded(self) -> bytes:
        """The canonical bytes of the file."""
        foreign = self.foreign
        whole: dict[str, Plain] = {
            "format": FORMAT,
            "permit": parse_canonical(self.envelope.encoded),
            "proof": self.proof.decode(),
            "status": None if self.status is None else self.status.decode(),
            "trust": self.trust.plain,
            "foreign": None
            if foreign is None
            else {"root": foreign.root.decode(), "trust": foreign.trust.plain},
        }
        return canonical_bytes(whole)


def parse_bundle(data: bytes) -> PermitBundle:
    """Return the bundle whose `encoded` these bytes are.

    Raises:
        PermitMalformed: if they are none.

    """
    if len(data) > BUNDLE_BYTES_MAX:
        _refuse(f"it is longer than {BUNDLE_BYTES_MAX:,} bytes")
    try:
        return _bundle(parse_canonical(data))
    except PermitMalformed:
        raise
    except AssentError as error:
        _refuse(error.message.removesuffix("."))


def _bundle(value: Any) -> PermitBundle:  # noqa: ANN401 - any plain value
    fields = mapping_of(value, "it", _FIELDS)
    if fields["format"] != FORMAT:
        _refuse(f"its format is not {FORMAT}")
    status, foreign = fields["status"], fields["foreign"]
    return PermitBundle(
        envelope=parse_envelope(canonical_bytes(fields["permit"])),
        proof=_text(fields, "proof"),
        status=None if status is None else _text(fields, "status"),
        trust=trust_metadata_of(fields["trust"]),
        foreign=None if foreign is None else _foreign(foreign),
    )


def _foreign(value: object) -> ForeignTrust:
    fields = mapping_of(value, "foreign", _FOREIGN)
    return ForeignTrust(
        root=_text(fields, "root"), trust=trust_metadata_of(fields["trust"])
    )


def _text(fields: Mapping[str, Any], name: str) -> bytes:
    if not isinstance(fields[name], str):
        _refuse(f"its {name} is no text")
    return str(fields[name]).encode()


def _refuse(why: str) -> NoReturn:
    raise PermitMalformed(
        f"This is no permit's file: {why}.",
        remedy="Take the agency's file as it is.",
    )
