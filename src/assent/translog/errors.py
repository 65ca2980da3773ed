"""What can be wrong with the public log, each with its own class.

Three groups: what was handed in is malformed (`InputError`), what was handed in is well
formed but proves nothing (`LogRefused`), and what a log did that it must never do
(`LogMisbehaved`), which is news for everybody and comes with evidence.
"""

from assent.vocabulary import AssentError, DocumentTooLarge, InputError


class NoteMalformed(InputError):
    """A signed note breaks C2SP signed-note."""


class KeyMalformed(InputError):
    """A verifier key or a signing key is not in its one encoding."""


class TreeHeadMalformed(InputError):
    """A note's text is no tree head (C2SP tlog-checkpoint)."""


class CosignatureMalformed(InputError):
    """A cosignature has the wrong length or an impossible time."""


class ExchangeMalformed(InputError):
    """A request to a witness, or its answer, breaks C2SP tlog-witness."""


class PolicyMalformed(InputError):
    """A policy breaks C2SP tlog-policy."""


class ProofMalformed(InputError):
    """A proof breaks C2SP tlog-proof."""


class EvidenceMalformed(InputError):
    """A file is no evidence of a split view, or not in its one encoding."""


class TileMalformed(InputError):
    """A tile or entry bundle is truncated, too long or at an impossible address."""


class EntryInvalid(InputError):
    """An entry cannot be logged, or a logged entry is none of ours."""


class EntryTooLarge(DocumentTooLarge):
    """An entry is beyond the 65,535 bytes that an entry bundle can hold."""


class StateDamaged(AssentError):
    """What a monitor kept of a log contradicts itself or what the log signed."""


class DocumentDamaged(AssentError):
    """A stored document is not the one that its digest names."""


class LogRefused(AssentError):
    """Something well formed is not believed: nothing follows from it."""


class ProofInvalid(LogRefused):
    """An inclusion or consistency proof does not lead to the tree head."""


class WrongOrigin(LogRefused):
    """A tree head is of another log than the one that was asked about."""


class TreeHeadUnsigned(LogRefused):
    """No key that is trusted for this log has signed the tree head."""


class CosignatureInvalid(LogRefused):
    """A cosignature by a known witness is for another tree head, or forged."""


class CosignatureStale(LogRefused):
    """A cosignature tells of a time too far from now."""


class QuorumNotMet(LogRefused):
    """Fewer witnesses cosigned than the policy asks for."""


class WitnessUnavailable(LogRefused):
    """A witness did not answer, or answered with what is no answer."""


class EvidenceInvalid(LogRefused):
    """Evidence of a split view is well formed and shows no misbehaviour."""


class ForwardingFailed(LogRefused):
    """The address that entries are forwarded to did not take one."""


class ForwardingRejected(ForwardingFailed):
    """It will not take this entry, however often it is sent (HTTP 4xx)."""


class LogUnreachable(LogRefused):
    """A log's files could not be fetched."""


class TileDamaged(LogRefused):
    """A served tile or bundle does not hash to the tree head that was signed."""


class ClockBehind(LogRefused):
    """A witness's clock is far behind a time that it told before."""


class StoreUnavailable(LogRefused):
    """The database or the disk refused; nothing was acknowledged."""


class LogDamaged(AssentError):
    """The log's own database contradicts itself or what was signed."""


class LogMisbehaved(AssentError):
    """A log did what no honest log does; the message says where the evidence is.

    `notes` are the tree heads, as the log signed them, that it must answer for.
    """

    def __init__(
        self, message: str, *, remedy: str, notes: tuple[bytes, ...] = ()
    ) -> None:
        """Keep the message, the remedy and the signed notes."""
        super().__init__(message, remedy=remedy)
        self.notes = notes


class HeadRolledBack(LogMisbehaved):
    """A tree head is smaller than one that was already seen."""


class HeadWithheld(LogMisbehaved):
    """A log signed a tree head, and does not show its entries for too long."""


class SplitView(LogMisbehaved):
    """A log signed two tree heads that cannot belong to one history.

    `evidence` shows it to anybody (`split_view`); None where only a witness says so.
    """

    def __init__(
        self, message: str, *, remedy: str, evidence: bytes | None = None
    ) -> None:
        """Keep the message, the remedy and the encoded evidence."""
        super().__init__(message, remedy=remedy)
        self.evidence = evidence
