"""One witness's address, asked in a thread of its own.

request -> Reply, some time later

At most one question of each kind is under way at each address, so a witness that
dawdles holds two threads, however often it is asked, and one that is slow to show its
tree head can cosign meanwhile. Nothing that comes back is believed here.
"""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus

from assent.adapters.http.exchange import Answer, HttpExchange, NoAnswer
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.policy import Witness
from assent.translog.formats.signed_head import parse_signed_head
from assent.translog.formats.witness_exchange import (
    ANSWER_BYTES_MAX,
    CosignRequest,
    parse_size,
)
from assent.vocabulary import InputError

_MEDIA_TYPE = "text/plain; charset=utf-8"

Replies = queue.SimpleQueue["Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answered to a question, or why it did not."""

    endpoint: "Endpoint"
    old_size: int | None  # None where its newest head was asked for
    answer: Answer | NoAnswer


@dataclass(eq=False)
class Endpoint:
    """One address, and the witnesses of the policy that answer there."""

    url: str
    witnesses: list[Witness]
    exchange: HttpExchange
    sizes: dict[str, int] = field(default_factory=dict)  # by origin; hints, unproven
    cosigning: threading.Lock = field(default_factory=threading.Lock)
    showing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """Return what people call it."""
        return " and ".join(witness.name for witness in self.witnesses)

    def ask(self, request: CosignRequest, replies: Replies) -> bool:
        """Ask for a cosignature; False if it is still busy with an earlier question."""

        def exchange() -> Answer:
            answer = self.exchange.post(
                f"{self.url}/add-checkpoint",
                request.encoded,
                media_type=_MEDIA_TYPE,
                bytes_max=ANSWER_BYTES_MAX,
            )
            # Learned even if nobody waits any more, so that a slow witness catches up.
            self._learn(request, answer)
            return answer

        return self._start(self.cosigning, exchange, request.old_size, replies)

    def ask_head(self, origin: str, replies: Replies) -> bool:
        """Ask for the newest head that it cosigned; False if it is still busy."""
        url = f"{self.url}/{sha256(origin.encode()).hexdigest()}/checkpoint"

        def exchange() -> Answer:
            answer = self.exchange.get(url, bytes_max=NOTE_BYTES_MAX)
            if answer.status == HTTPStatus.OK:
                with suppress(InputError):
                    self.sizes[origin] = parse_signed_head(answer.body).head.size
            return answer

        return self._start(self.showing, exchange, None, replies)

    def _learn(self, request: CosignRequest, answer: Answer) -> None:
        head = request.signed.head
        if answer.status == HTTPStatus.OK:
            self.sizes[head.origin] = head.size
        elif answer.status == HTTPStatus.CONFLICT:
            with suppress(InputError):
                self.sizes[head.origin] = parse_size(answer.body)

    def _start(
        self,
        busy: threading.Lock,
        exchange: Callable[[], Answer],
        old_size: int | None,
        replies: Replies,
    ) -> bool:
        if not busy.acquire(blocking=False):
            return False

        def run() -> None:
            try:
                answer: Answer | NoAnswer = exchange()
            except NoAnswer as error:
                answer = error
            except Exception:  # noqa: BLE001 - no stranger's answer may end a thread
                answer = NoAnswer("its answer cannot be read")
            finally:
                busy.release()
            replies.put(Reply(self, old_size, answer))

        # A daemon: nothing is lost if the process ends while a witness dawdles.
        threading.Thread(target=run, name=f"ask {self.name}", daemon=True).start()
        return True
