"""Answer what is asked of a witness, and keep what speaks against a log.

body of a request -> Answer(status, content type, body)

Nothing here knows of HTTP but its numbers. What is signed has been kept durably when an
answer with it exists; a crash in between leaves a head kept that nobody was told of,
which is harmless. A doubt is a warning and no more, since a stranger can raise it
against an honest log.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.translog.witness_store import WitnessStore
from assent.translog.formats.keys import SigningKey
from assent.translog.formats.witness_exchange import (
    SIZE_CONTENT_TYPE,
    encode_answer,
    encode_size,
    parse_cosign_request,
    parse_subtree_request,
)
from assent.translog.split_view import FILE_SUFFIX, Evidence
from assent.translog.witness import (
    Doubt,
    Refusal,
    cosign_next,
    decide_subtree,
    refuse_malformed,
)
from assent.vocabulary import InputError

TEXT_CONTENT_TYPE = "text/plain; charset=utf-8"
_OK = 200
_NOT_FOUND = 404
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: an HTTP status, a body and what kind of text it is."""

    status: int
    body: bytes
    content_type: str = TEXT_CONTENT_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWitness:
    """A witness that can answer; safe to call from several threads.

    `now` gives the time in POSIX seconds. Evidence is also written to `folder`.
    """

    keys: tuple[SigningKey, ...]
    store: WitnessStore
    folder: Path
    now: Callable[[], int]

    def cosign_head(self, body: bytes) -> Answer:
        """Answer `add-checkpoint`.

        Raises:
            StoreUnavailable, LogDamaged: if the head could not be kept; nothing is
                signed then.
            ClockBehind, CosignatureMalformed: if the clock is far behind what this
                witness told before, or before 1970.
            CosignatureInvalid: if what is held was never cosigned by its keys.

        """
        try:
            request = parse_cosign_request(body)
        except InputError as error:
            return _refused(refuse_malformed(error))
        outcome = cosign_next(request, self.store, self.keys, self.now())
        if isinstance(outcome, Refusal):
            if outcome.kept is not None:
                self._keep(request.signed.head.origin, outcome.kept)
            return _refused(outcome)
        head = request.signed.head
        _logger.info(
            "cosigned %r: %d, then %d", head.origin, request.old_size, head.size
        )
        return Answer(_OK, encode_answer(outcome))

    def cosign_subtree(self, body: bytes) -> Answer:
        """Answer `sign-subtree`.

        Raises:
            StoreUnavailable, LogDamaged: if the logs' keys could not be read.

        """
        try:
            request = parse_subtree_request(body)
        except InputError as error:
            return _refused(refuse_malformed(error))
        log_keys = self.store.log_keys(request.signed.head.origin)
        decision = decide_subtree(request, log_keys, self.keys)
        if isinstance(decision, Refusal):
            return _refused(decision)
        return Answer(_OK, encode_answer(decision.lines()))

    def newest_head(self, origin_hash: str) -> Answer:
        """Answer with the newest head cosigned, by its origin's SHA-256 in hexadecimal.

        Raises:
            StoreUnavailable, LogDamaged: if it could not be read.

        """
        note = self.store.held_note(origin_hash)
        if note is None:
            return plain(
                _NOT_FOUND,
                "This witness never cosigned a tree head of that log.",
                "Ask for the SHA-256 of the log's origin, in lowercase hexadecimal.",
            )
        return Answer(_OK, note)

    def _keep(self, origin: str, kept: Evidence | Doubt) -> None:
        with self.store.deciding(origin) as transaction:
            number = transaction.keep_refused(kept, self.now())
        if isinstance(kept, Doubt):
            _logger.warning(
                "doubt: whoever asked showed no proof that the tree head of %d by %r"
                " extends the one before; %s in %s",
                kept.request.signed.head.size,
                origin,
                f"kept as number {number}" if number else "not kept again",
                self.store.path,
            )
            return
        _logger.critical(
            "SPLIT VIEW: %r signed two tree heads of %d entries with different roots;"
            " the evidence is %s: publish it",
            origin,
            kept.larger.head.size,
            self._written(number, kept),
        )

    def _written(self, number: int | None, evidence: Evidence) -> str:
        """Write evidence that is in the store to a file too; return where it is."""
        if number is None:
            return f"kept already in {self.store.path}"
        path = self.folder / f"{number}{FILE_SUFFIX}"
        try:
            path.write_bytes(evidence.encoded)
        except OSError as error:
            return f"number {number} in {self.store.path} ({error.strerror} for {path})"
        return str(path)


def plain(status: int, message: str, remedy: str) -> Answer:
    """Return an answer for a person to read."""
    text = f"{message}\n{remedy}\n"
    return Answer(status, text.encode("utf-8", "backslashreplace"))


def _refused(refusal: Refusal) -> Answer:
    _logger.info("refused, %s: %r", refusal.reason.value, refusal.message)
    if refusal.size_held is not None:
        size = encode_size(refusal.size_held)
        return Answer(refusal.reason.status, size, SIZE_CONTENT_TYPE)
    return plain(refusal.reason.status, refusal.message, refusal.remedy)
