"""All witnesses of a policy, asked at once and no longer than they are waited for.

signed tree head -> Collected
"""

import queue
import time
from collections.abc import Callable, Iterable, Sequence

from assent.adapters.http.exchange import HttpExchange, NoAnswer, check_url
from assent.adapters.witness_client.asking import Asking, Prove, Trust
from assent.adapters.witness_client.endpoint import Endpoint
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.ports import Collected
from assent.vocabulary import NotFound

WAIT_S = 10.0  # for all witnesses together; one answers in the time of a few flushes
TOLERANCE_S = 300  # between a witness's clock and ours


class HttpWitnesses:
    """Implements `ports.Witnesses`."""

    def __init__(
        self,
        witnesses: Iterable[tuple[str, VerifierKey, str]],
        *,
        log_keys: Iterable[VerifierKey],
        now: Callable[[], int],
        wait_s: float = WAIT_S,
        tolerance_s: int = TOLERANCE_S,
    ) -> None:
        """Ask these witnesses.

        Args:
            witnesses: of each its name in the policy, its key, and the URL prefix to
                ask at.
            log_keys: the log's own, by which witnesses can show what it signed before.
            now: gives the time in POSIX seconds.
            wait_s: for all of them together.
            tolerance_s: how far a cosignature's time may be from now.

        Raises:
            NotFound: if a URL is no plain http or https URL.

        """
        self._endpoints: dict[str, Endpoint] = {}
        for name, key, url in witnesses:
            _check_address(name, url)
            prefix = url.rstrip("/")
            if prefix not in self._endpoints:
                exchange = HttpExchange(patience_s=wait_s)
                self._endpoints[prefix] = Endpoint(prefix, [], exchange)
            self._endpoints[prefix].keys.append((name, key))
        self._trust = Trust(log_keys=tuple(log_keys), now=now, tolerance_s=tolerance_s)
        self._wait_s = wait_s

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Prove,
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        """Ask for cosignatures of a tree head; see `ports.Witnesses`."""
        asking = Asking(self._trust, signed, prove)
        end_s = time.monotonic() + self._wait_s
        if not is_enough(()):
            for endpoint in self._endpoints.values():
                asking.ask(endpoint, endpoint.sizes.get(signed.head.origin, 0))
        while asking.waiting_for and not is_enough(asking.lines):
            try:
                reply = asking.replies.get(timeout=max(0.0, end_s - time.monotonic()))
            except queue.Empty:
                for endpoint in tuple(asking.waiting_for):
                    asking.fail(endpoint, f"no answer within {self._wait_s:g} s")
                break
            asking.judge(reply)
        return Collected(tuple(asking.lines), tuple(asking.failures))


def _check_address(name: str, url: str) -> None:
    try:
        check_url(url)
    except NoAnswer as error:
        raise NotFound(
            f"The witness {name} cannot be asked: {error}.",
            remedy="Give its submission prefix in the policy, an https:// URL.",
        ) from None
