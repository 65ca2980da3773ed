"""Ask an API server of Kubernetes': the few things that a gate needs of it.

Access + path -> JSON, or a stream of watch events, or why not

    {"type":"MODIFIED","object":{"kind":"Pod","metadata":{"resourceVersion":"57",…},…}}
"""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import urllib3

from assent.adapters.gate.kubernetes.access import Access
from assent.supervision.schedulers import SchedulerUnavailable

PAGE_ITEMS = 500  # of a list, as kubectl asks
PAGES_MAX = 10_000
ANSWER_BYTES_MAX = 256_000_000
EVENT_BYTES_MAX = 8_000_000  # an object has at most 3 million
ANSWER_S_MAX = 30.0
SILENCE_S_MAX = 90.0  # of a watch: bookmarks come about once a minute
WATCH_S = 240  # then it is begun anew
_WORDS_MAX = 300
_REMEDY = "See that the API server answers, and lets this account ask."


class KubernetesUnavailable(SchedulerUnavailable):
    """The API server does not answer, or not as it should; what runs is not known."""


class VersionGone(KubernetesUnavailable):
    """The server no longer knows what happened since then: all has to be read anew."""


class KindUnknown(KubernetesUnavailable):
    """The server knows no objects of this kind, or not this object."""


class KubernetesApi:
    """One API server; any thread may ask."""

    def __init__(self, access: Access) -> None:
        """Ask with this access."""
        self._access = access
        self._pool = urllib3.PoolManager(
            ssl_context=access.tls, maxsize=8, retries=False
        )

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.clear()

    def get(self, path: str, **query: str) -> Mapping[str, Any]:
        """Return what is at a path.

        Raises:
            KindUnknown, VersionGone, KubernetesUnavailable: if there is no answer.

        """
        return self._ask("GET", path, query)

    def list(self, path: str) -> tuple[list[Any], str]:
        """Return all objects at a path as they are now, and as of which version.

        Raises:
            KindUnknown, VersionGone, KubernetesUnavailable: if they cannot be had.

        """
        items: list[Any] = []
        query = {"limit": str(PAGE_ITEMS)}
        for _ in range(PAGES_MAX):
            page = self._ask("GET", path, query)
            metadata = page.get("metadata")
            if not isinstance(metadata, dict) or "resourceVersion" not in metadata:
                break
            items += page.get("items") or []
            rest = metadata.get("continue")
            if not rest:
                return items, str(metadata["resourceVersion"])
            query["continue"] = str(rest)
        raise KubernetesUnavailable(f"{path} is no list that ends.", remedy=_REMEDY)

    def patch(self, path: str, change: Mapping[str, Any]) -> None:
        """Change an object: what is named is set, and the rest stays.

        Raises:
            KindUnknown, KubernetesUnavailable: if it is not done.

        """
        self._ask("PATCH", path, {}, change, "application/merge-patch+json")

    def delete(self, path: str, grace_s: int) -> None:
        """Have a pod told to stop, and killed after so many seconds.

        Raises:
            KindUnknown, KubernetesUnavailable: if it is not done.

        """
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": grace_s,
        }
        self._ask("DELETE", path, {}, options, "application/json")

    def watch(self, path: str, version: str) -> Iterator[Mapping[str, Any]]:
        """Yield what happens at a path after a version, until the server ends it.

        Raises:
            VersionGone: if the server no longer knows what happened since.
            KubernetesUnavailable: if the connection breaks, or is silent for too long.

        """
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(WATCH_S),
        }
        try:
            response = self._open("GET", path, query, SILENCE_S_MAX, None, None)
            try:
                self._verify(response, path)
                yield from _events(response)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._unreachable(error) from None

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        kind: str | None = None,
    ) -> Mapping[str, Any]:
        try:
            response = self._open(method, path, query, ANSWER_S_MAX, body, kind)
            try:
                self._verify(response, path)
                said = json.loads(response.read(ANSWER_BYTES_MAX))
            finally:
                response.drain_conn()
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._unreachable(error) from None
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise KubernetesUnavailable(f"{path} is no JSON.", remedy=_REMEDY)
        return said

    def _open(  # noqa: PLR0913, PLR0917 - the parts of a question
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        seconds_max: float,
        body: Mapping[str, Any] | None,
        kind: str | None,
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": "application/json", **self._access.headers}
        if kind is not None:
            headers["Content-Type"] = kind
        tail = f"?{urlencode(query)}" if query else ""
        return self._pool.request(
            method,
            f"{self._access.server}{path}{tail}",
            headers=headers,
            body=None if body is None else json.dumps(body).encode(),
            preload_content=False,
            redirect=False,
            timeout=urllib3.Timeout(connect=10.0, read=seconds_max),
        )

    def _verify(self, response: urllib3.BaseHTTPResponse, path: str) -> None:
        if response.status < HTTPStatus.MULTIPLE_CHOICES:
            return
        words = response.read(_WORDS_MAX).decode("utf-8", "replace")
        kinds = {HTTPStatus.GONE: VersionGone, HTTPStatus.NOT_FOUND: KindUnknown}
        kind = kinds.get(HTTPStatus(response.status), KubernetesUnavailable)
        raise kind(
            f"The API server answers {response.status} to {path}: {words!r}.",
            remedy=_REMEDY,
        )

    def _unreachable(self, error: Exception) -> KubernetesUnavailable:
        return KubernetesUnavailable(
            f"{self._access.server} cannot be reached: {type(error).__name__}.",
            remedy=_REMEDY,
        )


def _events(response: urllib3.BaseHTTPResponse) -> Iterator[Mapping[str, Any]]:
    held = b""
    for chunk in response.stream(65_536):
        *lines, held = (held + chunk).split(b"\n")
        for line in filter(None, lines):
            yield _event(line)
        if len(held) > EVENT_BYTES_MAX:
            raise KubernetesUnavailable("A watch event is too long.", remedy=_REMEDY)


def _event(line: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(line)
        kind, found = event["type"], event["object"]
    except (ValueError, KeyError, TypeError):
        raise KubernetesUnavailable(
            f"A watch says {line!r:.80}.", remedy=_REMEDY
        ) from None
    if kind == "ERROR":
        code = found.get("code") if isinstance(found, dict) else None
        error = VersionGone if code == HTTPStatus.GONE else KubernetesUnavailable
        raise error(f"A watch ended: {found!r:.200}.", remedy=_REMEDY)
    return {"type": kind, "object": found}
