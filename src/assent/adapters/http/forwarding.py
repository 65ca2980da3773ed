"""Tell somebody of each new entry of a log: POST it to their address.

LoggedEntry -> POST, or ForwardingFailed, or ForwardingRejected

At least once: an entry that was taken when the connection broke is sent again, with the
same origin and index, by which the receiver knows it. `assent log monitor --forward`
keeps its state only after all entries of a batch were taken or rejected for good, so
none is left out silently. An answer of 4xx rejects for good: else one entry that the
receiver cannot take would hold up all after it, and anybody may log such an entry.

The address is a credential if it holds a secret path: messages show its host alone.
"""

from urllib.parse import urlsplit

from assent.adapters.http.connection import PATIENCE_S
from assent.adapters.http.exchange import HttpExchange, NoAnswer, check_url
from assent.translog.errors import ForwardingFailed, ForwardingRejected
from assent.translog.monitor import LoggedEntry
from assent.vocabulary import NotFound

ANSWER_BYTES_MAX = 65_536  # nothing in it is read
_TAKEN = range(200, 300)
_REJECTED = frozenset(range(400, 500)) - {408, 425, 429}  # those ask for another time


class Forwarder:
    """Forwards entries to one address."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        """Forward to a URL, waiting for each answer as long as said.

        Raises:
            NotFound: if it is no plain http or https URL.

        """
        try:
            check_url(url)
        except NoAnswer as error:
            raise NotFound(
                f"Nothing can be forwarded to this address: {error}.",
                remedy="Give an http:// or https:// URL that takes a POST.",
            ) from None
        self._url = url
        self._host = urlsplit(url).hostname
        self._exchange = HttpExchange(patience_s=patience_s)

    def forward(self, logged: LoggedEntry) -> None:
        """Send an entry; return when it was taken.

        Raises:
            ForwardingRejected: if it never will be.
            ForwardingFailed: if it was not, after a few attempts.

        """
        status = 0
        try:
            answer = self._exchange.post(
                self._url,
                logged.encoded,
                media_type="application/json",
                bytes_max=ANSWER_BYTES_MAX,
            )
            status = answer.status
            why = "" if status in _TAKEN else f"it answers {status}"
        except NoAnswer as error:
            why = str(error)
        if status in _REJECTED:
            raise ForwardingRejected(
                f"{self._host} rejects entry {logged.index} of {logged.origin}: {why}.",
                remedy="Check the receiver and its address. To send it again, follow"
                " the log with another state.",
            )
        if why:
            raise ForwardingFailed(
                f"{self._host} did not take entry {logged.index} of {logged.origin}:"
                f" {why}.",
                remedy="See to the receiver and run the monitor again: it goes on from"
                " this batch of entries.",
            )
