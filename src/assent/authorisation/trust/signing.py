"""Sign metadata, join what several signed apart, and check that enough did.

metadata + Signer -> metadata with one more signature
"""

from collections.abc import Iterable

from assent.authorisation.trust.errors import (
    MetadataUnsigned,
    RootUnsigned,
    TrustRefused,
)
from assent.authorisation.trust.metadata import (
    KeyQuorum,
    SignedMetadata,
    TrustRole,
    malformed,
    parse_metadata,
    with_signatures,
)
from assent.vocabulary import SignatureInvalid
from assent.vocabulary.envelope import EnvelopeSignature, Signer
from assent.vocabulary.signatures import verify_ed25519


def sign_metadata(data: bytes, signer: Signer) -> bytes:
    """Return metadata with a key's signature; a former one by the key goes.

    Raises:
        TrustMalformed: if it is no metadata.

    """
    metadata = parse_metadata(data)
    line = EnvelopeSignature(signer.key.key_id, signer.sign(metadata.message))
    return with_signatures(metadata, [line])


def join_signatures(data: bytes, others: Iterable[bytes]) -> bytes:
    """Return metadata with the signatures of copies that others signed elsewhere.

    Raises:
        TrustMalformed: if a copy is no metadata, or says anything else.

    """
    metadata = parse_metadata(data)
    lines: list[EnvelopeSignature] = []
    for other in others:
        copy = parse_metadata(other)
        if copy.message != metadata.message:
            raise malformed(copy.role, "what was signed is not the same")
        lines.extend(copy.signatures)
    return with_signatures(metadata, lines)


def signers_of(metadata: SignedMetadata, quorum: KeyQuorum) -> frozenset[str]:
    """Return the ids of those keys of a quorum that signed.

    Signatures by other keys mean nothing and are passed over.

    Raises:
        RootUnsigned, MetadataUnsigned: if one of the keys is said to have signed and
            has not: then somebody changed the file.

    """
    known = quorum.by_id
    signed = set()
    for line in metadata.signatures:
        if (key := known.get(line.key_id)) is None:
            continue
        try:
            verify_ed25519(key.public, line.signature, metadata.message)
        except SignatureInvalid as error:
            raise _unsigned(
                metadata, f"the signature by key {line.key_id} is none: {error.message}"
            ) from None
        signed.add(line.key_id)
    return frozenset(signed)


def verify_signed(metadata: SignedMetadata, quorum: KeyQuorum, whose: str) -> None:
    """Check that a quorum signed.

    Args:
        metadata: what they signed.
        quorum: who can.
        whose: the root that says so, in words.

    Raises:
        RootUnsigned, MetadataUnsigned: if they did not.

    """
    signed = signers_of(metadata, quorum)
    if len(signed) < quorum.threshold:
        raise _unsigned(
            metadata,
            f"{len(signed)} of the {quorum.threshold} keys that {whose} asks for"
            " signed it",
        )


def _unsigned(metadata: SignedMetadata, why: str) -> TrustRefused:
    kind = RootUnsigned if metadata.role is TrustRole.ROOT else MetadataUnsigned
    return kind(
        f"The {metadata.role} metadata, version {metadata.version}, is not to be"
        f" believed: {why}.",
        remedy="Ask the agency for the file again; if it is the same, tell the states.",
    )
