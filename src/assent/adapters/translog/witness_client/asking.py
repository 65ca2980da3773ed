"""Judge what witnesses answer about one tree head.

Reply -> a cosignature, another question, or why there is none

Nobody's bare word stops a log: that its tree was rolled back or split is only believed
of a witness that shows a tree head signed by the log itself.
"""

import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from assent.adapters.http.exchange import Answer, NoAnswer
from assent.adapters.translog.witness_client.endpoint import Endpoint, Replies, Reply
from assent.translog.errors import (
    CosignatureInvalid,
    CosignatureStale,
    HeadRolledBack,
    ProofInvalid,
    SplitView,
)
from assent.translog.formats.cosignature import verify_cosignature
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.policy import Witness
from assent.translog.formats.signed_head import SignedTreeHead, verify_tree_head
from assent.translog.formats.witness_exchange import (
    CosignRequest,
    parse_answer,
    parse_size,
)
from assent.translog.merkle import verify_consistency
from assent.translog.split_view import verify_same_root
from assent.vocabulary import AssentError, InputError, NotFound

QUESTIONS_MAX = 4  # for one head: first guess, the size told, once more, and its head
_WORDS_MAX = 160  # of a refusal, in what people read

Prove = Callable[[int], list[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What answers are judged by: the log's keys, our clock, and how exact others' are.

    `now` gives the time in POSIX seconds.
    """

    log_keys: tuple[VerifierKey, ...]
    now: Callable[[], int]
    tolerance_s: int

    def cosignature(
        self,
        signed: SignedTreeHead,
        witness: Witness,
        lines: Sequence[SignatureLine],
    ) -> SignatureLine:
        """Return a witness's newest cosignature, if all lines by its key are one.

        Raises:
            CosignatureMalformed, CosignatureInvalid: if one is not, or there is none.
            CosignatureStale: if it tells of a time too far from now.

        """
        name, key = witness.name, witness.key
        times_s = {
            line: verify_cosignature(signed.head, key, line)
            for line in lines
            if line.is_by(key)
        }
        if not times_s:
            raise CosignatureInvalid(
                f"{name} answers without a cosignature by its key.",
                remedy="Check the witness's key in the policy.",
            )
        newest, time_s = max(times_s.items(), key=lambda item: item[1])
        away_s = abs(time_s - self.now())
        if away_s > self.tolerance_s:
            raise CosignatureStale(
                f"The clock of {name} and ours are {away_s:,} s apart.",
                remedy="Set the clock that is wrong.",
            )
        return newest


class Asking:
    """The answers to one head, as they come in."""

    def __init__(self, trust: Trust, signed: SignedTreeHead, prove: Prove) -> None:
        """Ask for cosignatures of a head; `prove` leads to it from older sizes."""
        self._trust = trust
        self._signed = signed
        self._prove = prove
        self.replies: Replies = queue.SimpleQueue()
        self.waiting_for: dict[Endpoint, int] = {}  # and how many questions it had
        self.lines: list[SignatureLine] = []
        self.failures: list[str] = []

    def ask(self, endpoint: Endpoint, old_size: int) -> None:
        """Ask for a cosignature, with the proof from a tree of `old_size`."""
        old_size = min(old_size, self._signed.head.size)
        proof = tuple(self._prove(old_size)) if old_size else ()
        request = CosignRequest(old_size, proof, self._signed)
        self._start(endpoint, lambda: endpoint.ask(request, self.replies))

    def fail(self, endpoint: Endpoint, why: str) -> None:
        """Give a witness up for this head."""
        self.waiting_for.pop(endpoint, None)
        self.failures.append(f"{endpoint.name}: {why}")

    def judge(self, reply: Reply) -> None:
        """Take what is good in an answer, or ask on.

        Raises:
            HeadRolledBack, SplitView: if the witness shows it.

        """
        endpoint, answer = reply.endpoint, reply.answer
        if isinstance(answer, NoAnswer):
            self.fail(endpoint, str(answer))
        elif reply.old_size is None:
            self._judge_head(endpoint, answer)
        elif answer.status == HTTPStatus.OK:
            self._take(endpoint, answer.body)
        elif answer.status == HTTPStatus.CONFLICT:
            self._go_on(endpoint, reply.old_size, answer)
        elif answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            self._ask_head(endpoint)
        else:
            self.fail(endpoint, f"it refuses, {answer.status}: {_words(answer.body)}")

    def _take(self, endpoint: Endpoint, body: bytes) -> None:
        try:
            lines = parse_answer(body)
        except InputError as error:
            self.fail(endpoint, error.message)
            return
        self.waiting_for.pop(endpoint, None)
        for witness in endpoint.witnesses:
            try:
                self.lines.append(self._trust.cosignature(self._signed, witness, lines))
            except AssentError as error:
                self.failures.append(f"{witness.name}: {error.message}")

    def _go_on(self, endpoint: Endpoint, old_size: int, answer: Answer) -> None:
        try:
            told = parse_size(answer.body)
        except InputError:
            self._ask_head(endpoint)  # an older version of the protocol refuses so
            return
        if told == old_size:
            self.fail(endpoint, f"it refuses {told} and asks for {told}")
        elif told > self._signed.head.size:
            self._ask_head(endpoint)
        else:
            self.ask(endpoint, told)

    def _ask_head(self, endpoint: Endpoint) -> None:
        origin = self._signed.head.origin
        self._start(endpoint, lambda: endpoint.ask_head(origin, self.replies))

    def _start(self, endpoint: Endpoint, ask: Callable[[], bool]) -> None:
        questions = self.waiting_for.get(endpoint, 0) + 1
        if questions > QUESTIONS_MAX:
            self.fail(endpoint, "it changes its mind again and again")
        elif not ask():
            self.fail(endpoint, "it is still busy with an earlier question")
        else:
            self.waiting_for[endpoint] = questions

    def _judge_head(self, endpoint: Endpoint, answer: Answer) -> None:
        """Look at the head for which a witness refused ours."""
        ours, head = self._signed, self._signed.head
        try:
            if answer.status != HTTPStatus.OK:
                raise NotFound("it shows no tree head", remedy="Ask its operator.")
            theirs = verify_tree_head(
                answer.body, origin=head.origin, log_keys=self._trust.log_keys
            )
        except AssentError as error:
            self.fail(
                endpoint,
                f"it refuses because of a tree head that it holds, and {error.message}",
            )
            return
        if theirs.head.size > head.size:
            raise HeadRolledBack(
                f"{endpoint.name} holds a tree head of {theirs.head.size} entries that"
                f" {head.origin} signed ({endpoint.url}); this one has {head.size}.",
                remedy="If two processes publish this log, stop one. If not, its"
                " database was rolled back: restore the newest, or the log must end.",
            )
        if theirs.head.size == head.size:
            verify_same_root(theirs, ours)
        elif theirs.head.size:
            self._check_start(endpoint, theirs)
        self.fail(endpoint, "it refuses, though the tree head that it holds fits")

    def _check_start(self, endpoint: Endpoint, theirs: SignedTreeHead) -> None:
        old, new = theirs.head, self._signed.head
        proof = self._prove(old.size)
        try:
            verify_consistency(old.size, new.size, old.root, new.root, proof)
        except ProofInvalid:
            raise SplitView(
                f"{endpoint.name} holds a tree head of {old.size} entries that"
                f" {old.origin} signed ({endpoint.url}); this one of {new.size} does"
                " not start with them.",
                remedy="The database was replaced or rolled back and went on: the log"
                " must end, and say so.",
            ) from None


def _words(body: bytes) -> str:
    """Return the first line of what a stranger says, safe to show."""
    return repr(body[:_WORDS_MAX].decode("utf-8", "replace").partition("\n")[0])
