"""Answer requests for a log's static files.

GET or HEAD + path -> tree head, tile or entry bundle, with the headers that fit it

Nothing but the paths of C2SP tlog-tiles is looked for, so no request leads elsewhere.
Tiles never change and may be cached for ever; the tree head for some seconds only.
"""

import gzip
from collections.abc import Iterable
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

from assent.translog.errors import LogUnreachable, TileMalformed
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.tiles import (
    BUNDLE_BYTES_MAX,
    TREE_HEAD_PATH,
    parse_tile_path,
)
from assent.translog.ports import LogReader
from assent.translog.reading import TILE_BYTES_MAX
from assent.vocabulary import NotFound

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TREE_HEAD_AGE_S = 5  # C2SP: not beyond a few seconds
TILE_AGE_S = 31_536_000  # a year, which stands for ever
_GZIP_LEVEL = 6  # a full bundle of entries shrinks to a fifth in 1.3 ms
_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
Headers = list[tuple[str, str]]


def make_app(files: LogReader) -> "WSGIApplication":
    """Return a WSGI application that serves these files."""

    def app(environ: "WSGIEnvironment", respond: "StartResponse") -> Iterable[bytes]:
        status, headers, body = _answer(files, environ)
        # A 304 has no body, and its length would be read as the file's (RFC 9110, 8.6).
        if status is not HTTPStatus.NOT_MODIFIED:
            headers.append(("Content-Length", str(len(body))))
        respond(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" or not body else [body]

    return app


def _answer(
    files: LogReader, environ: "WSGIEnvironment"
) -> tuple[HTTPStatus, Headers, bytes]:
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
        return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, [("Allow", "GET, HEAD")])
    try:
        data, headers, is_bundle = _file(files, environ.get("PATH_INFO", ""))
    except (NotFound, TileMalformed):
        return _refusal(HTTPStatus.NOT_FOUND, [])
    except LogUnreachable:
        return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, [])
    # A tag without "W/" names bytes, so that of a packed body is another.
    is_packed = is_bundle and _accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    tag = f'"{sha256(data).hexdigest()[:32]}{"-gzip" if is_packed else ""}"'
    headers += [
        ("ETag", tag),
        ("Access-Control-Allow-Origin", "*"),  # pages that verify in the browser
        ("X-Content-Type-Options", "nosniff"),
    ]
    if is_bundle:
        headers.append(("Vary", "Accept-Encoding"))
    known = [t.strip() for t in environ.get("HTTP_IF_NONE_MATCH", "").split(",")]
    if tag in known or f"W/{tag}" in known or known == ["*"]:
        return HTTPStatus.NOT_MODIFIED, headers, b""
    if is_packed:
        headers.append(("Content-Encoding", "gzip"))
        data = gzip.compress(data, _GZIP_LEVEL, mtime=0)
    return HTTPStatus.OK, headers, data


def _file(files: LogReader, path: str) -> tuple[bytes, Headers, bool]:
    """Return a file's bytes, its headers, and whether it is an entry bundle."""
    name = path.removeprefix("/")
    if name == TREE_HEAD_PATH:
        age = f"public, max-age={TREE_HEAD_AGE_S}"
        data = files.read(name, bytes_max=NOTE_BYTES_MAX)
        return data, [("Content-Type", _TEXT), ("Cache-Control", age)], False
    is_bundle = parse_tile_path(name).level is None
    bytes_max = BUNDLE_BYTES_MAX if is_bundle else TILE_BYTES_MAX
    data = files.read(name, bytes_max=bytes_max)
    age = f"public, max-age={TILE_AGE_S}, immutable"
    return data, [("Content-Type", _BYTES), ("Cache-Control", age)], is_bundle


def _refusal(status: HTTPStatus, headers: Headers) -> tuple[HTTPStatus, Headers, bytes]:
    headers += [("Content-Type", _TEXT), ("Cache-Control", "no-store")]
    return status, headers, f"{status.value} {status.phrase}\n".encode()


def _accepts_gzip(header: str) -> bool:
    """Tell whether a request's Accept-Encoding allows gzip (RFC 9110, 12.5.3)."""
    weights = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        value = weight.strip().removeprefix("q=").strip()
        weights[name.strip()] = value.strip("0.") != "" if weight else True
    return weights.get("gzip", weights.get("*", False))
