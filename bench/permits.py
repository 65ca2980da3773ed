"""How long does it take to verify a permit offline?

six of nine states sign, five witnesses cosign -> seconds, whole and in parts

Nothing is read from a disk. A permit's file is verified from the bare root, and under
a treaty that was verified before, as a gate does. Peers do parts of it.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import proofbundle
from bench.race import OURS
from bench.speed import spell_time
from bench.spread import COLUMNS, spread_row, spreads
from bench.table import Table
from bench.tuf_clients import race_from_root, trust_now
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.dsse import Envelope as DsseEnvelope
from securesystemslib.signer._key import Key, SSlibKey
from securesystemslib.signer._signature import Signature

from assent.authorisation.permit import (
    PERMIT_TYPE,
    PermitBundle,
    VerifiedStatusList,
    parse_bundle,
    parse_permit,
    verify_permit,
    verify_permit_under,
    verify_status_list,
)
from assent.authorisation.treaty import Service
from assent.authorisation.trust import TrustedTreaty, verify_trust
from assent.testing.permits import SimulatedAgency, make_permit
from assent.testing.small_log import log_key
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW, SimulatedTrust
from assent.translog.formats.proof import parse_proof
from assent.translog.verify import verify_proof
from assent.vocabulary.envelope import verify_envelope

TIMES = 500
TARGET = 3e-3
SIGNATURES = 27
AROUND = 500  # entries before and after the permit's, so that its proof has ten hashes
Race: TypeAlias = dict[str, Callable[[], object]]
SECURESYSTEMSLIB, PROOFBUNDLE = "securesystemslib", "proofbundle"
_NOTES = (
    """\
A file holds the permit with six signatures of nine states, the proof that the log holds
it, with the log's signature and five cosignatures, the status list, and the treaty with
the signed metadata that leads to it. “Under a verified treaty” is what a gate does for
each permit: it keeps the treaty until its metadata changes, and the status list until
it is stale.""",
    """\
The whole file holds {count} Ed25519 signatures that are all verified: root and targets
6 each, snapshot and timestamp, permit 6, log and witnesses 6, status list 1. OpenSSL
alone takes {crypto} (p50) for as many, in the same run.""",
    """\
securesystemslib verifies the same six signatures over the same bytes, and no more: it
does not know whose keys they are and when they were in force, which quorum decides, and
who stands aside, and takes what OpenSSL takes. proofbundle verifies the proof and all
signatures on the tree head; it has no policy with groups. python-tuf is
`TrustedMetadataSet` of its client, given the same files; it does not look into the
treaty. No peer known to us verifies a permit, a quorum by a treaty, or a status list
against it.""",
)


def permits() -> Table:
    """Time the whole verification, and each part against whoever does it too."""
    agency = SimulatedAgency()
    trust = SimulatedTrust(form=agency.form, states=agency.states, needed=agency.needed)
    envelope = agency.sign(make_permit(treaty_digest=agency.treaty_digest))
    proof = agency.prove(envelope, around=AROUND)
    bundle = agency.bundle(envelope, proof=proof, trust=trust)
    root, data = trust.root, bundle.encoded
    trusted = verify_trust(root, bundle.trust, NOW)
    listed = _listed(bundle, trusted)
    under = partial(verify_permit_under, trusted, bundle.envelope, bundle.proof)
    whole: dict[str, tuple[Callable[[], object], float | None]] = {
        "under a verified treaty and status list": (lambda: under(listed, NOW), TARGET),
        "under a verified treaty": (lambda: under(bundle.status, NOW), TARGET),
        "the whole file from the bare root": (
            lambda: verify_permit(data, root, NOW),
            TARGET,
        ),
        "– of that: reading the file": (lambda: parse_bundle(data), None),
    }
    rows = [
        spread_row(what, spreads({OURS: function}, TIMES), target)
        for what, (function, target) in whole.items()
    ]
    parts = {
        "– signatures of the states": _signatures(bundle, trusted),
        "– proof and witnesses": _proof(bundle, agency, trusted),
        # python-tuf reads the clock itself: the same, made now.
        "– from the root to the treaty": race_from_root(trust_now(trust)),
    }
    rows += [spread_row(what, spreads(race, TIMES)) for what, race in parts.items()]
    spelt = _NOTES[1].format(count=SIGNATURES, crypto=spell_time(_crypto(bundle)))
    return Table(
        title="Verifying a permit of 6 of 9 states, seen by 5 witnesses",
        columns=COLUMNS,
        rows=rows,
        notes=(_NOTES[0], spelt, _NOTES[2]),
    )


def _listed(bundle: PermitBundle, trusted: TrustedTreaty) -> VerifiedStatusList:
    permit = parse_permit(bundle.envelope.payload)
    keys = trusted.treaty.service_keys(Service.STATUS, NOW)
    return verify_status_list(
        bundle.status or b"", permit.status_uri, keys, NOW, permit.max_staleness_s
    )


def _signatures(bundle: PermitBundle, trusted: TrustedTreaty) -> Race:
    """Race the verification of six signatures of nine keys over the same bytes."""
    envelope, held = bundle.envelope, trusted.treaty.member_keys(NOW)
    keys = [key for _, key in held.values()]
    of_them: list[Key] = [
        SSlibKey(key.key_id, "ed25519", "ed25519", {"public": key.text}) for key in keys
    ]
    theirs = DsseEnvelope(
        envelope.payload,
        envelope.payload_type,
        {
            line.key_id: Signature(line.key_id, line.signature.hex())
            for line in envelope.signatures
        },
    )
    return {
        OURS: lambda: verify_envelope(envelope, PERMIT_TYPE, keys),
        SECURESYSTEMSLIB: lambda: theirs.verify(of_them, 6),
    }


def _proof(
    bundle: PermitBundle, agency: SimulatedAgency, trusted: TrustedTreaty
) -> Race:
    """Race the verification of the .tlog-proof with five cosignatures."""
    policy, proof, text = trusted.treaty.log_policy, bundle.proof, bundle.proof.decode()
    entry, log = parse_proof(proof).extra, log_key().verifier.text
    witnesses = [key.verifier.text for key in agency.witnesses]
    if entry is None:
        raise ValueError("the proof holds its entry")

    def theirs() -> None:
        found = proofbundle.verify_tlog_proof(
            text, entry, log, witnesses, threshold=len(witnesses)
        )
        if found["ok"] is not True:
            raise ValueError("a peer refuses a proof that is right")

    return {OURS: lambda: verify_proof(proof, policy), PROOFBUNDLE: theirs}


def _crypto(bundle: PermitBundle) -> float:
    """Return the median seconds that OpenSSL takes for all signatures of a file."""
    message, line = bundle.envelope.message, bundle.envelope.signatures[0]
    key = next(
        SeededSigner(state).key
        for state in SimulatedAgency().states
        if SeededSigner(state).key.key_id == line.key_id
    )
    public = Ed25519PublicKey.from_public_bytes(key.public)

    def verify() -> None:
        for _ in range(SIGNATURES):
            public.verify(line.signature, message)

    return spreads({OURS: verify}, TIMES)[OURS].p50
