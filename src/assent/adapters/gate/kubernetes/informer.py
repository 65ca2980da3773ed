"""Follow all objects of one kind in a cluster: list them, then watch what changes.

KubernetesApi + group and plural -> ClusterObject of each, as they are about now

A list gives all objects and a version; a watch goes on from there. Whatever breaks is
tried again from the last version, which bookmarks keep young; if the server no longer
knows that one (410 Gone), all is listed anew.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from assent.adapters.gate.kubernetes.api import (
    SILENCE_S_MAX,
    KindUnknown,
    KubernetesApi,
    KubernetesUnavailable,
    VersionGone,
)
from assent.supervision.schedulers import ClusterObject
from assent.vocabulary import AssentError

BACKOFF_S_MIN, BACKOFF_S_MAX = 0.2, 30.0
UNKNOWN_AGAIN_S = 60.0  # between looks for a kind that a cluster does not have
STALE_S = SILENCE_S_MAX + BACKOFF_S_MAX
_logger = logging.getLogger(__name__)
Read = Callable[[object], ClusterObject]


class Informer(threading.Thread):
    """Follows one kind; `objects` may be read by any thread."""

    def __init__(self, api: KubernetesApi, group: str, plural: str, read: Read) -> None:
        """Prepare it.

        Args:
            api: the API server.
            group: such as batch; empty for the core group.
            plural: such as jobs.
            read: what matters of an object.

        """
        super().__init__(name=f"kubernetes {plural}", daemon=True)
        self._api, self._group, self._plural, self._read = api, group, plural, read
        self._lock, self._until = threading.Lock(), threading.Event()
        self._objects: dict[str, ClusterObject] = {}
        self._heard_s: float | None = None
        self._base: str | None = None
        self._version: str | None = None  # None before a list; empty without this kind
        self._pause_s = BACKOFF_S_MIN

    def objects(self) -> Mapping[str, ClusterObject]:
        """Return the objects by uid, as they were when the server last said something.

        Raises:
            KubernetesUnavailable: if nothing was heard for too long.

        """
        with self._lock:
            heard_s, found = self._heard_s, dict(self._objects)
        if heard_s is None or time.monotonic() > heard_s + STALE_S:
            raise KubernetesUnavailable(
                f"What {self._plural} there are is not known.",
                remedy="See that the API server answers, and lets this account list and"
                " watch them.",
            )
        return found

    def path(self, one: ClusterObject) -> str:
        """Return where an object is."""
        return f"{self._base}/namespaces/{one.namespace}/{self._plural}/{one.name}"

    def list(self) -> Mapping[str, ClusterObject]:
        """Return the objects as they are now, asked for anew.

        Raises:
            KubernetesUnavailable: if the server does not say.

        """
        return self._list()[0]

    def stop(self) -> None:
        """Follow no longer; a thread that waits ends with the process."""
        self._until.set()

    def run(self) -> None:
        """Follow until `stop`."""
        while not self._until.is_set():
            try:
                if self._version is None:
                    found, self._version = self._list()
                    self._put(found)
                elif self._version:
                    self._watch(self._version)
                else:  # a cluster without this kind
                    self._version = None
                    self._until.wait(UNKNOWN_AGAIN_S)
            except VersionGone:
                self._version = None
            except AssentError as error:
                _logger.warning("%s: %s", self._plural, error.message)
                self._until.wait(self._pause_s)
                self._pause_s = min(2 * self._pause_s, BACKOFF_S_MAX)

    def _list(self) -> tuple[dict[str, ClusterObject], str]:
        try:
            base = self._find_base()
            items, version = self._api.list(f"{base}/{self._plural}")
        except KindUnknown:
            return {}, ""
        self._base = base
        found = [self._read(item) for item in items]
        return {one.uid: one for one in found}, version

    def _find_base(self) -> str:
        if not self._group:
            return "/api/v1"
        said = self._api.get(f"/apis/{self._group}")
        preferred = said.get("preferredVersion")
        version = preferred.get("version") if isinstance(preferred, dict) else None
        if not isinstance(version, str) or not version.isalnum():
            raise KubernetesUnavailable(
                f"The API server names no version of {self._group}.",
                remedy="Report it: the gate does not know how this server answers.",
            )
        return f"/apis/{self._group}/{version}"

    def _watch(self, version: str) -> None:
        """Take what happens after a version, each with the version that it makes."""
        for event in self._api.watch(f"{self._base}/{self._plural}", version):
            self._take(event)
            if self._until.is_set():
                return
        self._hear()  # the server ended it in good order

    def _take(self, event: Mapping[str, Any]) -> None:
        found = event["object"]
        if event["type"] in {"ADDED", "MODIFIED", "DELETED"}:
            one = self._read(found)
            with self._lock:
                if event["type"] == "DELETED":
                    self._objects.pop(one.uid, None)
                else:
                    self._objects[one.uid] = one
        metadata = found.get("metadata") if isinstance(found, dict) else None
        version = metadata.get("resourceVersion") if isinstance(metadata, dict) else ""
        if isinstance(version, str) and version:
            self._version = version
        self._hear()

    def _put(self, found: dict[str, ClusterObject]) -> None:
        with self._lock:
            self._objects = found
        self._hear()

    def _hear(self) -> None:
        self._pause_s = BACKOFF_S_MIN
        with self._lock:
            self._heard_s = time.monotonic()
