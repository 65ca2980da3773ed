"""A log's static files over HTTP.

URL prefix + path -> bytes, or NotFound, LogUnreachable

What comes is believed in nothing: `translog.reading` verifies it.
"""

from http import HTTPStatus

from assent.adapters.http.connection import PATIENCE_S
from assent.adapters.http.exchange import (
    REDIRECTS_MAX,
    HttpExchange,
    NoAnswer,
    check_url,
)
from assent.translog.errors import LogUnreachable
from assent.vocabulary import NotFound

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class HttpReader:
    """Implements `ports.LogReader`; several threads may share one."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        """Read below a URL prefix, waiting for each answer as long as said.

        Raises:
            NotFound: if it is no plain http or https URL.

        """
        why = "paths cannot follow it" if "?" in url or "#" in url else ""
        try:
            check_url(url)
        except NoAnswer as error:
            why = str(error)
        if why:
            raise NotFound(
                f"This cannot be the address of a log: {why}.",
                remedy="Give the log's prefix, such as https://log.agency.example/",
            )
        self._prefix = url.rstrip("/")
        self._exchange = HttpExchange(patience_s=patience_s)

    def read(self, path: str, *, bytes_max: int) -> bytes:
        """Return a file's bytes; see `ports.LogReader`."""
        url = f"{self._prefix}/{path}"
        try:
            answer = self._exchange.get(
                url, bytes_max=bytes_max, redirects_max=REDIRECTS_MAX
            )
        except NoAnswer as error:
            raise LogUnreachable(
                f"{url} cannot be read: {error}.",
                remedy="Try again later, or read a mirror of the log.",
            ) from None
        if answer.status in _GONE:
            raise NotFound(
                f"There is nothing at {url}.",
                remedy="Check the log's address; it is what comes before /checkpoint.",
            )
        if answer.status != HTTPStatus.OK:
            raise LogUnreachable(
                f"{url} cannot be read: the server answers {answer.status}.",
                remedy="Try again later, or read a mirror of the log.",
            )
        return answer.body
