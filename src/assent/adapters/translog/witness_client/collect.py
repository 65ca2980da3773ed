"""All witnesses of a policy, asked at once and no longer than they are waited for.

origin -> HeldHead of each; signed tree head -> Collected
"""

import queue
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus

from assent.adapters.http.exchange import Answer, HttpExchange, NoAnswer, check_url
from assent.adapters.translog.witness_client.asking import Asking, Prove, Trust
from assent.adapters.translog.witness_client.endpoint import Endpoint, Replies
from assent.translog.errors import PolicyMalformed
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.policy import Policy, Witness
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.ports import Collected, HeldHead

WAIT_S = 10.0  # for all witnesses together; one answers in the time of a few flushes
# For further tree heads, once a quorum showed theirs: a witness that is up answers
# sooner; one that is down must not hold up every publishing for all the time above.
GRACE_S = 1.0
TOLERANCE_S = 300  # between a witness's clock and ours
_SHOWS = {HTTPStatus.OK, HTTPStatus.NOT_FOUND}  # a tree head, or that there is none


class HttpWitnesses:
    """Implements `ports.Witnesses`."""

    def __init__(
        self,
        policy: Policy,
        *,
        now: Callable[[], int],
        wait_s: float = WAIT_S,
        tolerance_s: int = TOLERANCE_S,
    ) -> None:
        """Ask the witnesses of a policy at their submission prefixes.

        Args:
            policy: the log's own: its keys tell whether a witness shows what the log
                signed before. Witnesses at the same URL are asked once.
            now: gives the time in POSIX seconds.
            wait_s: for all of them together.
            tolerance_s: how far a cosignature's time may be from now.

        Raises:
            PolicyMalformed: if a URL is no plain http or https URL.

        """
        self._policy = policy
        self._now = now
        self._wait_s = wait_s
        self._tolerance_s = tolerance_s
        self._endpoints: dict[str, Endpoint] = {}
        self._without_url = [w.name for w in policy.witnesses if w.url is None]
        for witness in policy.witnesses:
            if witness.url is not None:
                prefix = _prefix(witness.name, witness.url)
                if prefix not in self._endpoints:
                    exchange = HttpExchange(patience_s=wait_s)
                    self._endpoints[prefix] = Endpoint(prefix, [], exchange)
                self._endpoints[prefix].witnesses.append(witness)

    def held(self, origin: str) -> list[HeldHead]:
        """Return the newest tree head that each witness shows; see `ports.Witnesses`.

        What they show is also the first guess of the size to prove from.
        """
        replies: Replies = queue.SimpleQueue()
        waiting_for = {
            endpoint
            for endpoint in self._endpoints.values()
            if endpoint.ask_head(origin, replies)
        }
        found: list[HeldHead] = []
        answered: list[Witness] = []
        end_s = time.monotonic() + self._wait_s
        while waiting_for:
            now_s = time.monotonic()
            if self._policy.is_quorum([witness.key for witness in answered]):
                end_s = min(end_s, now_s + GRACE_S)
            try:
                reply = replies.get(timeout=max(0.0, end_s - now_s))
            except queue.Empty:
                break
            endpoint, answer = reply.endpoint, reply.answer
            waiting_for.discard(endpoint)
            if isinstance(answer, Answer) and answer.status in _SHOWS:
                answered += endpoint.witnesses
                if answer.status == HTTPStatus.OK:
                    found.append(HeldHead(endpoint.name, answer.body))
        return found

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Prove,
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        """Ask for cosignatures of a tree head; see `ports.Witnesses`."""
        origin = signed.head.origin
        trust = Trust(
            log_keys=tuple(log.key for log in self._policy.logs_for(origin)),
            now=self._now,
            tolerance_s=self._tolerance_s,
        )
        asking = Asking(trust, signed, prove)
        asking.failures += [f"{name}: it has no URL" for name in self._without_url]
        end_s = time.monotonic() + self._wait_s
        if not is_enough(()):
            for endpoint in self._endpoints.values():
                asking.ask(endpoint, endpoint.sizes.get(origin, 0))
        while asking.waiting_for and not is_enough(asking.lines):
            try:
                reply = asking.replies.get(timeout=max(0.0, end_s - time.monotonic()))
            except queue.Empty:
                for endpoint in tuple(asking.waiting_for):
                    asking.fail(endpoint, f"no answer within {self._wait_s:g} s")
                break
            asking.judge(reply)
        return Collected(tuple(asking.lines), tuple(asking.failures))


def _prefix(name: str, url: str) -> str:
    try:
        check_url(url)
    except NoAnswer as error:
        raise PolicyMalformed(
            f"The witness {name} cannot be asked: {error}.",
            remedy="Give its submission prefix in the policy, an https:// URL.",
        ) from None
    return url.rstrip("/")
