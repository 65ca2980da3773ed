"""That the public log holds exactly these signed bytes, and since when.

signed paper + proof + Policy -> LoggedPaper, or the reason why not

The entry names the digest of the whole envelope, so other signatures under the same
words are another paper. When it came about is told by the witnesses, not by whoever
signed or logged it.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from assent.authorisation.permit.errors import PermitNotLogged
from assent.translog.entry import parse_entry
from assent.translog.errors import EntryInvalid
from assent.translog.formats.policy import Policy
from assent.translog.verify import VerifiedEntry, verify_proof
from assent.vocabulary import from_posix
from assent.vocabulary.envelope import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedPaper:
    """Where the log holds a paper, and when a quorum of witnesses had seen it.

    `witnesses` are those who had by then; none if the policy asks for none: then
    `witnessed` is the time in the entry, the word of whoever logged it.
    """

    entry_index: int
    witnessed: datetime
    witnesses: tuple[str, ...]


def verify_logged(
    envelope: Envelope, proof: bytes, policy: Policy, about: tuple[str, str, str]
) -> LoggedPaper:
    """Return where the log holds a signed paper.

    Args:
        envelope: the paper with its signatures.
        proof: from the log (C2SP tlog-proof), with the entry in it.
        policy: which logs and witnesses to believe.
        about: the entry's kind and subject, and the role of the paper among the
            entry's documents.

    Raises:
        ProofMalformed, LogRefused: see `verify_proof`.
        PermitNotLogged: if the entry is not about this paper.

    """
    found = verify_proof(proof, policy)
    kind, subject, role = about
    try:
        entry = parse_entry(found.entry)
    except EntryInvalid as error:
        raise _not_logged(subject, error.message) from None
    said = entry.documents.get(role)
    if (entry.kind, entry.subject) != (kind, subject):
        raise _not_logged(subject, f"it is about {entry.kind} {entry.subject}")
    if said is None or said.digest != envelope_digest(envelope):
        raise _not_logged(subject, "it is of other words, or other signatures")
    if policy.quorum.is_met_by(()):
        return LoggedPaper(entry_index=found.index, witnessed=entry.time, witnesses=())
    return _witnessed(found, policy)


def envelope_digest(envelope: Envelope) -> str:
    """Return the digest under which the public log holds signed bytes."""
    return f"sha256:{sha256(envelope.encoded).hexdigest()}"


def _witnessed(found: VerifiedEntry, policy: Policy) -> LoggedPaper:
    """Take the earliest time by which a quorum had cosigned, and who had by then."""
    ordered = sorted(found.cosigners.items(), key=lambda item: (item[1], item[0]))
    # All of them are a quorum, as `verify_proof` saw.
    enough = next(
        count
        for count in range(1, len(ordered) + 1)
        if policy.quorum.is_met_by(name for name, _ in ordered[:count])
    )
    return LoggedPaper(
        entry_index=found.index,
        witnessed=from_posix(ordered[enough - 1][1]),
        witnesses=tuple(name for name, _ in ordered[:enough]),
    )


def _not_logged(subject: str, why: str) -> PermitNotLogged:
    return PermitNotLogged(
        f"The proof shows an entry of the public log that does not hold {subject}:"
        f" {why}.",
        remedy="Do not rely on a permit that is not in the public log; tell the"
        " agency who gave it to you.",
    )
