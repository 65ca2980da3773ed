"""A policy: which logs are believed, and which witnesses must have cosigned.

octets <-> Policy(logs, witnesses, quorum); tree head + Policy -> VerifiedHead
(C2SP tlog-policy)

    # The agency's log. Two of three member states must have seen every tree head.
    log agency.example/log+34f2b332+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c https://log.agency.example/
    witness KEN ken.example/witness+6d320bc2+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU
    witness NOR nor.example/witness+13abf4f5+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR
    witness URY ury.example/witness+b6ebf971+BMqTrBcFGHBx1nuDx/8O/oEI6OxFMFdddyaHkzPb2r58
    group states 2 KEN NOR URY
    quorum states

A log's key is named after the log's origin; a witness has a name of its own that means
nothing outside the policy. URLs are kept as they stand: whoever fetches one judges it.
A policy is what trust starts from, so it must come by a channel that is trusted already.
"""  # noqa: E501 - the literal is the format

from collections.abc import Container, Mapping
from dataclasses import dataclass

from assent.translog.errors import KeyMalformed, QuorumNotMet, WrongOrigin
from assent.translog.formats.keys import KeyKind, VerifierKey, parse_verifier_key
from assent.translog.formats.quorum import MEMBERS_MAX, Quorum, QuorumBuilder
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    cosigners_of,
    log_keys_that_signed,
    parse_signed_head,
    verify_tree_head,
)
from assent.translog.formats.statements import (
    Statement,
    encode_statements,
    parse_statements,
)

LOGS_MAX = 256  # C2SP asks for 32 at least
# tlog-checkpoint lets a log sign by any algorithm of its ecosystem and asks for
# ML-DSA-44; a key for Ed25519 cosignatures is a witness's and speaks for no log.
_LOG_KINDS = frozenset({KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE})
_WITNESS_KINDS = frozenset({KeyKind.ED25519_COSIGNATURE, KeyKind.ML_DSA_44_COSIGNATURE})


@dataclass(frozen=True, slots=True)
class Log:
    """A log that is believed, by one of its keys."""

    key: VerifierKey
    url: str | None = None

    @property
    def origin(self) -> str:
        """Return the origin of the log's tree heads, the name of its key."""
        return self.key.name


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness, by the name that this policy gives it."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class VerifiedHead:
    """A tree head that a policy accepts.

    `log` is the line of the policy whose key signed. `cosigners` are all witnesses of
    the policy that cosigned, by name, with their clocks' POSIX time in seconds.
    """

    signed: SignedTreeHead
    log: Log
    cosigners: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy file says; the order of its lines means nothing."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    quorum: Quorum

    @property
    def encoded(self) -> bytes:
        """Return a file that says this and no more, without comments."""
        logs = [("log", log.key.text, log.url) for log in self.logs]
        witnesses = [
            ("witness", witness.name, witness.key.text, witness.url)
            for witness in self.witnesses
        ]
        rows = [*logs, *witnesses, *self.quorum.statements]
        return encode_statements([word for word in row if word] for row in rows)

    def logs_for(self, origin: str) -> tuple[Log, ...]:
        """Return the lines for a log; several if it has several keys.

        Raises:
            WrongOrigin: if there is none.

        """
        found = tuple(log for log in self.logs if log.origin == origin)
        if not found:
            raise WrongOrigin(
                f"The policy knows no log {origin!r}.",
                remedy="Check the address of the log, and that this is its policy.",
            )
        return found

    def is_quorum(self, cosigned: Container[VerifierKey]) -> bool:
        """Tell whether the owners of these keys are enough witnesses."""
        names = [w.name for w in self.witnesses if w.key in cosigned]
        return self.quorum.is_met_by(names)

    def check(self, signed: SignedTreeHead) -> VerifiedHead:
        """Verify a tree head by this policy; see `verify_tree_head_by_policy`."""
        return verify_tree_head_by_policy(signed, self)


def verify_tree_head_by_policy(
    head: bytes | SignedTreeHead, policy: Policy, *, origin: str | None = None
) -> VerifiedHead:
    """Return a tree head that one of the policy's logs signed and a quorum cosigned.

    Args:
        head: the whole note, or what was parsed from it.
        policy: whom to believe.
        origin: the one log to believe; None for any that the policy names.

    Raises:
        NoteMalformed, TreeHeadMalformed: if it is no tree head.
        WrongOrigin: if it is of a log that the policy does not name, or of another.
        TreeHeadUnsigned: if none of that log's keys signed it.
        SignatureInvalid: if a key of a log of the policy seems to have, and has not.
        CosignatureMalformed, CosignatureInvalid: if a witness of the policy seems to
            have cosigned, and has not; also one the quorum could do without.
        QuorumNotMet: if too few witnesses cosigned.

    """
    data = head if isinstance(head, bytes) else head.encoded
    # (1) The log: one that the policy names, and the one that was asked about.
    claimed = parse_signed_head(data).head.origin
    logs = policy.logs_for(claimed if origin is None else origin)
    # (2) It signed. Every line that claims to be by one of its keys is.
    signed = verify_tree_head(
        data, origin=logs[0].origin, log_keys=[log.key for log in logs]
    )
    lines = signed.note.signatures
    log = next(log for log in logs if any(line.is_by(log.key) for line in lines))
    # (3) So is every line that claims to be by another log or a witness of the policy.
    log_keys_that_signed(signed, [o.key for o in policy.logs if o not in logs])
    cosigned = cosigners_of(signed, [witness.key for witness in policy.witnesses])
    cosigners = {w.name: cosigned[w.key] for w in policy.witnesses if w.key in cosigned}
    # (4) They are enough.
    if lacking := policy.quorum.lacking(cosigners):
        raise QuorumNotMet(
            f"Too few witnesses cosigned tree head {signed.head.size} of"
            f" {signed.head.origin}: {lacking}.",
            remedy="Wait for a tree head with more cosignatures; do not rely on this.",
        )
    return VerifiedHead(signed, log, cosigners)


def parse_policy(data: bytes) -> Policy:
    """Return what a policy file says.

    Raises:
        PolicyMalformed: if it breaks C2SP tlog-policy; the message gives the line.

    """
    logs: dict[bytes, Log] = {}
    witnesses: dict[bytes, Witness] = {}
    quorum = QuorumBuilder()
    for statement in parse_statements(data):
        if statement.keyword == "log":
            log = _log(statement)
            _check_room(statement, log.key, logs, LOGS_MAX)
            logs[log.key.public_key] = log
        elif statement.keyword == "witness":
            witness = _witness(statement)
            quorum.define(witness.name, statement.line)
            _check_room(statement, witness.key, witnesses, MEMBERS_MAX)
            witnesses[witness.key.public_key] = witness
        else:
            quorum.take(statement)
    return Policy(tuple(logs.values()), tuple(witnesses.values()), quorum.finish())


def _log(statement: Statement) -> Log:
    match statement.words[1:]:
        case [key, *url] if len(url) <= 1:
            return Log(_key(key, _LOG_KINDS, statement), *url)
    raise statement.malformed("write log, its verifier key and perhaps its URL")


def _witness(statement: Statement) -> Witness:
    match statement.words[1:]:
        case [name, key, *url] if len(url) <= 1:
            return Witness(name, _key(key, _WITNESS_KINDS, statement), *url)
    raise statement.malformed(
        "write witness, a name, its verifier key and perhaps its URL"
    )


def _key(text: str, kinds: Container[KeyKind], statement: Statement) -> VerifierKey:
    try:
        key = parse_verifier_key(text)
    except KeyMalformed as error:
        raise statement.malformed(error.message.removesuffix(".")) from None
    if key.kind not in kinds:
        raise statement.malformed(
            f"a {statement.keyword} does not sign with a key of {key.kind.name}"
        )
    return key


def _check_room(
    statement: Statement, key: VerifierKey, found: Mapping[bytes, object], limit: int
) -> None:
    # Two keys with the same public key are one signer, whatever they are called.
    if key.public_key in found:
        why = f"this public key is already that of another {statement.keyword}"
        raise statement.malformed(why)
    if len(found) == limit:
        raise statement.malformed(f"there are more than {limit}")
