"""A made-up agency that permits: its treaty, its root of trust, its log and services.

what a permit is to say -> the permit, signed, logged, witnessed, in its file

A test changes one thing and makes the file again. All keys are as public as `states`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from assent.authorisation.permit import (
    ENTRY_KIND,
    PAPER_ROLE,
    ForeignTrust,
    Permit,
    PermitBundle,
    encode_statuses,
    envelope_digest,
    sign_status_list,
)
from assent.authorisation.terms import Caps, Developer, OversightPoint
from assent.authorisation.treaty import Matter
from assent.authorisation.trust import TrustedTreaty, verify_trust
from assent.testing.small_log import SmallLog, witness_key
from assent.testing.states import STATES, SeededSigner, SimulatedTreaty
from assent.testing.trust import NOW, SimulatedTrust
from assent.testing.witnesses import node_reader
from assent.translog.entry import DocumentDigest, Entry
from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import SigningKey
from assent.translog.formats.proof import TlogProof
from assent.translog.formats.signed_head import SignedTreeHead, sign_tree_head
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import Edge, leaf_hash, prove_inclusion
from assent.vocabulary.envelope import Envelope

LOGGED = NOW - timedelta(days=10)  # when the entry says it was made
WITNESSED = LOGGED + timedelta(seconds=30)  # when the first witness cosigned
DECIDE_BY = LOGGED + timedelta(days=2)  # the vote was over before its last day
STATUS_SIZE = 1_000
DIGEST = f"sha256:{'5a' * 32}"  # of what the tests here do not look at


def make_caps(**changes: Any) -> Caps:  # noqa: ANN401 - the fields of Caps
    """Return caps, with changes."""
    given = {
        "flop": 4 * 10**25,
        "weights": 405 * 10**9,
        "chips": {"H100 SXM": 16_384},
        "sites": ("site-nairobi-1", "site-bergen-2"),
        "not_before": datetime(2026, 5, 1, tzinfo=UTC),
        "not_after": datetime(2027, 5, 1, tzinfo=UTC),
    }
    return Caps(**{**given, **changes})


def make_permit(**changes: Any) -> Permit:  # noqa: ANN401 - the fields of Permit
    """Return a permit, with changes."""
    given = {
        "permit_id": "permit-2026-0001",
        "agency": "agency.example",
        "matter": Matter.PERMIT,
        "case_id": "application-2026-0001",
        "application_digest": DIGEST,
        "decision_id": "decision-2026-0001",
        "decide_by": DECIDE_BY,
        "treaty_version": 1,
        "treaty_digest": SimulatedAgency().treaty_digest,
        "rulebook_title": "rules of 2026",
        "rulebook_hash": DIGEST,
        "run_id": "example-large-2",
        "developer": Developer(name="Example Labs", key=SeededSigner("labs").key),
        "caps": make_caps(),
        "oversight_flop_share_ppm": 10_000,
        "oversight_points": (
            OversightPoint(at_flop=10**25, evaluations=("cyber-offence",)),
        ),
        "evaluations_due": ("autonomy",),
        "status_uri": "https://agency.example/status/1",
        "status_index": 17,
        "max_staleness_s": 86_400,
        "lease_s": 86_400,
    }
    return Permit(**{**given, **changes})


@dataclass
class SimulatedAgency:
    """An agency with nine states, of which six decide, and five witnesses, all asked.

    Attributes:
        form: the treaty's document; a test may change it before it asks for `trust`.
        witnesses: of the policy; each cosigns ten seconds after the one before.

    """

    states: tuple[str, ...] = STATES[:9]
    needed: int = 6
    witnesses: tuple[SigningKey, ...] = field(
        default_factory=lambda: tuple(
            witness_key(f"w{i}.example/witness", 10 + i) for i in range(5)
        )
    )
    form: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Write the treaty's document."""
        self.form = SimulatedTreaty(
            states=self.states, needed=self.needed, log_policy=self.policy_text
        ).form

    @property
    def policy_text(self) -> str:
        """The policy by which the log is believed."""
        return SmallLog(witnesses=self.witnesses).policy.encoded.decode()

    @property
    def trust(self) -> SimulatedTrust:
        """A root of trust, and the metadata that leads to the treaty."""
        return SimulatedTrust(form=json.loads(json.dumps(self.form)))

    @property
    def treaty_digest(self) -> str:
        """The digest of the treaty's document as it is now."""
        simulated = SimulatedTreaty()
        simulated.form = self.form
        return simulated.treaty.digest

    @property
    def trusted(self) -> TrustedTreaty:
        """The treaty as a verifier sees it."""
        trust = self.trust
        return verify_trust(trust.root, trust.metadata, NOW)

    def sign(self, permit: Permit, signers: Sequence[str] | None = None) -> Envelope:
        """Return a permit signed by these, or by as many states as it takes."""
        envelope = permit.paper.unsigned
        for name in self.states[: self.needed] if signers is None else signers:
            envelope = envelope.signed_by(SeededSigner(name))
        return envelope

    def prove(  # noqa: PLR0913 - what a test may want to lie about
        self,
        envelope: Envelope,
        *,
        subject: str = "permit-2026-0001",
        kind: str = ENTRY_KIND,
        entry: bytes | None = None,
        witnesses: Sequence[SigningKey] | None = None,
        witnessed: datetime = WITNESSED,
        around: int = 6,
    ) -> bytes:
        """Return the proof that the log holds an envelope, among other entries."""
        data = entry or permit_entry(envelope, subject=subject, kind=kind).encoded
        others = [b"another entry %d" % number for number in range(around)]
        log = SmallLog([*others, data, *others], witnesses=self.witnesses)
        cosigning = self.witnesses if witnesses is None else witnesses
        size, index = len(log.entries), around
        proof = TlogProof(
            index=index,
            hashes=tuple(prove_inclusion(index, size, node_reader(log))),
            signed=_head(log, cosigning, witnessed),
            extra=data,
        )
        return proof.encoded

    def status_list(
        self,
        statuses: Mapping[int, int] | None = None,
        *,
        uri: str = "https://agency.example/status/1",
        issued: datetime = NOW - timedelta(hours=1),
        signer: str = "service-status",
    ) -> bytes:
        """Return the signed status list, all valid but for these."""
        return sign_status_list(
            encode_statuses(statuses or {}, STATUS_SIZE),
            uri=uri,
            issued=issued,
            lasts_s=2 * 86_400,
            signer=SeededSigner(signer),
        )

    def bundle(
        self,
        envelope: Envelope,
        *,
        proof: bytes | None = None,
        status: bytes | None = None,
        trust: SimulatedTrust | None = None,
        foreign: ForeignTrust | None = None,
    ) -> PermitBundle:
        """Return the file of a signed permit."""
        return PermitBundle(
            envelope=envelope,
            proof=proof or self.prove(envelope),
            status=status or self.status_list(),
            trust=(trust or self.trust).metadata,
            foreign=foreign,
        )


def permit_entry(
    envelope: Envelope,
    *,
    subject: str = "permit-2026-0001",
    kind: str = ENTRY_KIND,
    role: str = PAPER_ROLE,
) -> Entry:
    """Return the log's entry about a signed paper."""
    document = DocumentDigest(
        digest=envelope_digest(envelope),
        size_bytes=len(envelope.encoded),
        media_type=envelope.payload_type,
    )
    return Entry(
        kind=kind,
        subject=subject,
        time=LOGGED,
        documents={role: document},
    )


def make_bundle(permit: Permit | None = None, **parts: Any) -> bytes:  # noqa: ANN401 - as `SimulatedAgency.bundle`
    """Return the file of a permit that holds at NOW under `SimulatedAgency().trust`."""
    agency = SimulatedAgency()
    envelope = parts.pop("envelope", None) or agency.sign(permit or make_permit())
    return agency.bundle(envelope, **parts).encoded


def _head(
    log: SmallLog, witnesses: Sequence[SigningKey], witnessed: datetime
) -> SignedTreeHead:
    edge = Edge()
    edge.append(leaf_hash(entry) for entry in log.entries)
    head = TreeHead(log.key.name, len(log.entries), edge.root())
    first = int(witnessed.timestamp())
    lines = [cosign(head, key, first + 10 * i) for i, key in enumerate(witnesses)]
    return sign_tree_head(head, [log.key], first).with_signatures(*lines)
