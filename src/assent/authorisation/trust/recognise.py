"""Verify the treaty of another agency whose permits count here.

home's TrustedTreaty + the other's first root and TrustMetadata + now
    -> TrustedTreaty with its Recognition, or why not

Recognition goes one step: what the other agency recognises in turn counts only there.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from assent.authorisation.treaty import Recognition
from assent.authorisation.trust.errors import MetadataExpired, NotRecognised
from assent.authorisation.trust.trusted_treaty import (
    SeenVersions,
    TrustedTreaty,
    TrustMetadata,
)
from assent.authorisation.trust.verify import verify_trust
from assent.vocabulary import QuantityInvalid, format_instant


def verify_recognised(
    home: TrustedTreaty,
    root: bytes,
    metadata: TrustMetadata,
    now: datetime,
    seen: SeenVersions | None = None,
) -> TrustedTreaty:
    """Return the treaty of another agency that one's own treaty recognises.

    Args:
        home: one's own treaty, verified.
        root: the other agency's root that one's own treaty names, version 1.
        metadata: what the other agency shows.
        now: the time, aware.
        seen: the `versions` of the other agency's that were verified last.

    Raises:
        NotRecognised: if one's own treaty does not name this root, or not now, or names
            it for an agency that the other treaty is not of.
        MetadataExpired: if `home` is over.
        AssentError: whatever `verify_trust` raises about the other agency's files.

    """
    if now.utcoffset() is None:
        raise QuantityInvalid("`now` has no time zone.", remedy="Give it in UTC.")
    # (1) One's own treaty is still to be relied upon. It names this root, and
    #     recognises its agency at this time.
    if now >= home.expires:
        raise MetadataExpired(
            "What was verified of one's own treaty was good until"
            f" {format_instant(home.expires)}.",
            remedy="Verify one's own treaty again, by newer files.",
        )
    recognition = _recognition(home, f"sha256:{sha256(root).hexdigest()}", now)
    # (2) The root leads to the other agency's treaty.
    other = verify_trust(root, metadata, now, seen)
    # (3) That treaty is of the agency that was recognised.
    if other.treaty.agency != recognition.agency:
        raise NotRecognised(
            f"The root that {home.treaty.title!r} recognises for"
            f" {recognition.agency} leads to a treaty of {other.treaty.agency}.",
            remedy="Ask both agencies; one of the two documents is wrong.",
        )
    return replace(other, recognition=recognition)


def _recognition(home: TrustedTreaty, root_digest: str, now: datetime) -> Recognition:
    named = [
        found
        for found in home.treaty.recognised.values()
        if found.root_digest == root_digest
    ]
    for found in named:
        if found.holds(now):
            return found
    why = "recognises it at another time" if named else "does not recognise it"
    raise NotRecognised(
        f"The root {root_digest} is another agency's, and the treaty"
        f" {home.treaty.title!r} {why}.",
        remedy="Ask for a permit of an agency that the treaty recognises.",
    )
