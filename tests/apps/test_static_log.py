"""A log served over HTTP as C2SP tlog-tiles asks, and readers that see through it.

The log here is honest, forked, rolled back, damaged or slow; readers go over loopback.
"""

import gzip
import http.client
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.log_servers import answer, path_of, saying, static_log, talking

from assent.adapters.http.forwarding import Forwarder
from assent.adapters.http.log_reader import HttpReader
from assent.adapters.translog.files import FolderFiles, reader_for
from assent.apps.static_log import Serving, make_app, serve
from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import SmallLog, log_key, witness_key
from assent.translog.errors import (
    EvidenceInvalid,
    ForwardingFailed,
    HeadRolledBack,
    LogUnreachable,
    SplitView,
    StateDamaged,
    TileMalformed,
    WrongOrigin,
)
from assent.translog.formats.tiles import TREE_HEAD_PATH, encode_bundle
from assent.translog.mirror import mirror
from assent.translog.monitor import (
    Batch,
    MonitorState,
    Outcome,
    check_witness_views,
    follow,
    logged_entries,
    parse_state,
    tree_head_path,
)
from assent.translog.split_view import verify_evidence
from assent.vocabulary import AssentError, InputError, NotFound

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])

ENTRIES = [f"entry {i}".encode() for i in range(700)]
LOG = SmallLog(ENTRIES)
BUNDLE = "tile/entries/000"
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Site:
    """A folder with a log of 300 entries, and the URL where it is served."""

    folder: Path
    url: str

    @property
    def files(self) -> FolderFiles:
        """Return what is served, to change it."""
        return FolderFiles(self.folder)

    @property
    def reader(self) -> HttpReader:
        """Return a reader of the URL."""
        return HttpReader(self.url, patience_s=5)

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the body of an answer."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=names)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        found = {name.lower(): value for name, value in response.headers.items()}
        return response.status, found, body

    def look(self, kept: MonitorState | None = None) -> list[Batch]:
        """Follow the log one step."""
        return list(follow(kept, self.reader, LOG.policy))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "public"
    LOG.publish(FolderFiles(folder), 300)
    with static_log(folder) as url:
        yield Site(folder, url)


# What is served, and how


def test_serves_the_tree_head_as_text_for_a_few_seconds(site: Site) -> None:
    status, headers, body = site.ask("/checkpoint")
    assert (status, body) == (200, LOG.signed(300).encoded)
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["cache-control"] == "public, max-age=5"


@pytest.mark.parametrize("path", sorted(LOG.tiles(300)))
def test_serves_tiles_and_bundles_as_bytes_for_ever(site: Site, path: str) -> None:
    status, headers, body = site.ask(f"/{path}")
    assert (status, body) == (200, LOG.tiles(300)[path])
    assert headers["content-type"] == "application/octet-stream"
    assert headers["cache-control"] == IMMUTABLE
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in headers


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True),
        ("gzip, identity", True),
        ("br;q=1, gzip;q=0.5", True),
        ("*", True),
        ("GZIP ; q=1", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("", False),
    ],
)
def test_packs_entry_bundles_for_whom_it_suits(
    site: Site, accepted: str, *, is_packed: bool
) -> None:
    _, headers, body = site.ask(f"/{BUNDLE}", Accept_Encoding=accepted)
    assert headers["vary"] == "Accept-Encoding"
    assert headers.get("content-encoding") == ("gzip" if is_packed else None)
    data = gzip.decompress(body) if is_packed else body
    assert data == LOG.tiles(300)[BUNDLE]


def test_hashes_and_the_tree_head_are_not_packed(site: Site) -> None:
    for path in ("/checkpoint", "/tile/0/000"):
        assert "content-encoding" not in site.ask(path, Accept_Encoding="gzip")[1]


@pytest.mark.parametrize("path", ["/checkpoint", f"/{BUNDLE}", "/tile/0/000"])
def test_sends_nothing_again_to_whom_has_it(site: Site, path: str) -> None:
    _, headers, _ = site.ask(path)
    tag = headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        status, found, body = site.ask(path, If_None_Match=known)
        assert (status, body, found["etag"]) == (304, b"", tag)
    assert site.ask(path, If_None_Match='"other"')[0] == 200


def test_no_length_comes_with_what_is_not_sent_again() -> None:
    # It would be read as the file's (RFC 9110, 8.6). Not every server takes it out.
    files = MemoryFiles()
    LOG.publish(files, 5)
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/checkpoint"}
    found: list[tuple[str, dict[str, str]]] = []

    def respond(status: str, headers: list[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401 - as WSGI has it
        found.append((status, dict(headers)))

    app = make_app(files)
    app({**request, "HTTP_IF_NONE_MATCH": "*"}, respond)
    app(request, respond)
    (unchanged, without), (ok, with_length) = found
    assert (unchanged, ok) == ("304 Not Modified", "200 OK")
    assert "Content-Length" not in without
    assert with_length["Content-Length"] == str(len(LOG.signed(5).encoded))


def test_packed_and_plain_bytes_have_tags_of_their_own(site: Site) -> None:
    plain = site.ask(f"/{BUNDLE}")[1]["etag"]
    packed = site.ask(f"/{BUNDLE}", Accept_Encoding="gzip")[1]["etag"]
    assert plain != packed
    asked = {"Accept_Encoding": "gzip", "If_None_Match": plain}
    assert site.ask(f"/{BUNDLE}", **asked)[0] == 200


@pytest.mark.parametrize("path", ["/checkpoint", f"/{BUNDLE}", "/tile/0/777"])
def test_head_tells_the_same_without_the_bytes(site: Site, path: str) -> None:
    status, headers, body = site.ask(path)
    got = site.ask(path, "HEAD")
    headers.pop("date")
    got[1].pop("date")
    assert got == (status, headers, b"")
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(site: Site, method: str) -> None:
    status, headers, _ = site.ask("/checkpoint", method)
    assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/tile/0/002",
        "/tile/0/001.p/43",
        "/tile/0/000.p/256",
        "/tile/00/000",
        "/tile/0/0",
        "/tile/8/000",
        "/checkpoint/",
        "/../secret",
        "/tile/../../secret",
        "/%2e%2e/secret",
        "/tile/0/%2e%2e/%2e%2e/%2e%2e/secret",
        "/.lock",
        "/secret",
        "/tile/entries/000%00",
        "/" + "a" * 5000,
    ],
)
def test_nothing_else_is_there(site: Site, path: str) -> None:
    (site.folder.parent / "secret").write_text("secret")
    (site.folder / "secret").write_text("secret")
    (site.folder / ".lock").write_text("secret")
    status, headers, body = site.ask(path)
    assert status == 404
    assert headers["cache-control"] == "no-store"
    assert b"secret" not in body


def test_a_link_that_leads_out_is_not_followed(site: Site) -> None:
    secret = site.folder.parent / "secret"
    secret.write_bytes(bytes(32))
    (site.folder / "tile" / "0" / "777").symlink_to(secret)
    assert site.ask("/tile/0/777")[0] == 404


def test_a_file_that_is_too_long_is_not_served(site: Site) -> None:
    site.files.write("tile/0/000", bytes(8193))
    assert site.ask("/tile/0/000")[0] == 503


@pytest.mark.parametrize(
    "data", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"]
)
def test_what_is_no_request_harms_nobody(site: Site, data: bytes) -> None:
    parts = urlsplit(site.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 5) as talk:
        talk.sendall(data)
        assert b" 400 " in talk.recv(4096)
    assert site.ask("/checkpoint")[0] == 200


def test_says_where_it_cannot_listen(site: Site) -> None:
    port = urlsplit(site.url).port
    for host, number in (
        ("127.0.0.1", port),
        ("127.0.0.1", 99999),
        ("::ffff:1", 0),
        ("no-such-host.invalid", 0),
        (".", 0),
        ("a..b", 0),
    ):
        with pytest.raises(InputError, match="Nothing can listen"):
            serve(site.folder, host, number or 0, _never)
    with pytest.raises(NotFound):
        serve(site.folder / "none", "127.0.0.1", 0, _never)


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.1"])
def test_listens_on_a_name_or_an_address_of_either_family(
    site: Site, host: str
) -> None:
    def stop(serving: Serving) -> None:
        parts = urlsplit(serving.url)
        assert parts.hostname in {"127.0.0.1", "::1"}
        assert parts.port
        socket.create_connection((parts.hostname, parts.port), 5).close()
        serving.stop()

    serve(site.folder, host, 0, stop)


def _never(serving: Serving) -> None:
    raise AssertionError(serving.url)


# Reading it from outside


def test_follows_a_log_as_it_grows(site: Site) -> None:
    kept = site.look()[-1].state
    assert kept.size == 300
    LOG.publish(site.files, 700)
    batches = site.look(parse_state(kept.encoded))
    assert [e for batch in batches for e in batch.entries] == ENTRIES[300:]


def test_a_log_that_shows_two_faces_is_caught_with_evidence(
    site: Site, tmp_path: Path
) -> None:
    other = LOG.fork(250, [b"x"] * 200)
    other.publish(FolderFiles(tmp_path / "other"))
    kept = site.look()[-1].state
    with static_log(tmp_path / "other") as url, pytest.raises(SplitView) as caught:
        list(follow(kept, HttpReader(url), LOG.policy))
    made = caught.value.evidence or b""
    facts = verify_evidence(made, [LOG.key.verifier])
    assert facts.smaller.head == LOG.signed(300).head
    assert facts.larger.head == other.signed().head
    fields = json.loads(made)
    fields["larger"] = fields["larger"].replace("\n450\n", "\n451\n")
    whole = json.dumps(
        fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    with pytest.raises(EvidenceInvalid):
        verify_evidence(whole.encode(), [LOG.key.verifier])
    with pytest.raises(EvidenceInvalid):
        verify_evidence(made, [log_key(seed=9).verifier])


def test_a_witness_catches_a_log_that_shows_the_monitor_a_face_of_its_own(
    site: Site, tmp_path: Path
) -> None:
    witness = witness_key("ken.example/w")
    log = SmallLog(ENTRIES, witnesses=(witness,))
    log.publish(site.files, 300)
    shown = FolderFiles(tmp_path / "shown")
    lie = log.fork(100, [b"x"] * 300)
    lie.publish(shown)
    held = {f"/{tree_head_path(LOG.key.name)}": log.signed(300).encoded}
    with (
        static_log(tmp_path / "shown") as url,
        talking(
            lambda c, r: c.sendall(answer(held.get(f"/{path_of(r)}", b"")))
        ) as witness_url,
    ):
        readers = {"w0": HttpReader(witness_url)}
        state = list(follow(None, HttpReader(url), log.policy))[-1].state
        with pytest.raises(SplitView) as caught:
            check_witness_views(state.signed, HttpReader(url), log.policy, readers)
        facts = verify_evidence(
            caught.value.evidence or b"", [LOG.key.verifier], [witness.verifier]
        )
        assert facts.cosigners_of_both == [witness.verifier]
        honest = check_witness_views(log.signed(300), site.reader, log.policy, readers)
        assert [view.outcome for view in honest] == [Outcome.AGREES]


def test_a_log_that_rolls_back_is_caught(site: Site) -> None:
    kept = site.look()[-1].state
    LOG.publish(site.files, 299)
    with pytest.raises(HeadRolledBack):
        site.look(kept)


def test_a_truncated_tile_is_found(site: Site) -> None:
    whole = LOG.tiles(300)["tile/0/001.p/44"]
    site.files.write("tile/0/001.p/44", whole[:-32])
    with pytest.raises(TileMalformed):
        site.look()


def test_another_log_at_the_address_is_refused(site: Site) -> None:
    SmallLog(ENTRIES, log_key("other.example/log")).publish(site.files, 5)
    with pytest.raises(WrongOrigin):
        site.look()


def test_a_state_that_was_tampered_with_is_found(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(site.look()[-1].state.encoded)
    path.write_bytes(path.read_bytes().replace(b'"size":"300"', b'"size":"200"'))
    with pytest.raises(StateDamaged):
        site.look(parse_state(path.read_bytes()))


@pytest.mark.parametrize(
    "data",
    [
        answer(bytes(600_000)),
        answer(gzip.compress(bytes(20_000_000)), "Content-Encoding: gzip"),
        answer(b"", status="500 Oh"),
        answer(LOG.signed(5).encoded)[:-9],
        b"",
    ],
    ids=["oversize", "bomb", "broken", "cut off", "silent"],
)
def test_a_log_that_serves_no_tree_head_to_speak_of_is_unreachable(data: bytes) -> None:
    with talking(saying(data)) as url, pytest.raises(LogUnreachable):
        list(follow(None, HttpReader(url, patience_s=2), LOG.policy))


def test_a_log_that_is_too_slow_is_unreachable() -> None:
    with (
        talking(lambda *_: time.sleep(1)) as url,
        pytest.raises(LogUnreachable, match="in time"),
    ):
        list(follow(None, HttpReader(url, patience_s=0.2), LOG.policy))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_server_says_is_an_error_of_ours(seed: int) -> None:
    nonsense = [b"", b"\0" * 99, b"\xff\n\n\xe2\x80\x94 a b\n", LOG.signed(5).encoded]
    with talking(saying(answer(nonsense[seed]))) as url, pytest.raises(AssentError):
        list(follow(None, HttpReader(url), LOG.policy))


def test_a_mirror_over_http_is_served_in_its_turn(site: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    mirror(site.reader, FolderFiles(copy), LOG.policy)
    with static_log(copy) as url:
        batches = list(follow(None, HttpReader(url), LOG.policy))
    assert [e for batch in batches for e in batch.entries] == ENTRIES[:300]
    from_folder = list(follow(None, reader_for(str(copy)), LOG.policy))
    assert from_folder == batches


def test_a_log_that_changes_while_it_is_read_misleads_nobody(site: Site) -> None:
    batches = follow(None, site.reader, LOG.policy)
    assert next(batches).entries == ()
    LOG.publish(site.files, 600)
    assert [e for batch in batches for e in batch.entries] == ENTRIES[:300]
    for path in [p for p in site.files.paths() if "001.p/" in p]:
        site.files.remove(path)
    site.files.write(TREE_HEAD_PATH, LOG.signed(300).encoded)
    assert site.look()[-1].state.size == 300


def test_an_entry_that_is_not_taken_is_forwarded_again(site: Site) -> None:
    taken: list[int] = []

    def receive(connection: socket.socket, request: str) -> None:
        body = request.partition("\r\n\r\n")[2].encode("latin-1")
        while not body.endswith(b"}"):
            body += connection.recv(65_536)
        index = json.loads(body)["index"]
        is_refused = index == 256 and 256 not in taken
        taken.append(index)
        status = "400 Not Now" if is_refused else "200 OK"
        connection.sendall(answer(b"", status=status))

    def forward_all(kept: MonitorState | None, to: str) -> MonitorState:
        for batch in follow(kept, site.reader, LOG.policy):
            for logged in logged_entries(batch):
                Forwarder(to).forward(logged)
            states.append(batch.state)
        return states[-1]

    states: list[MonitorState] = []
    LOG.publish(site.files, 260)
    with talking(receive) as url:
        with pytest.raises(ForwardingFailed, match="entry 256"):
            forward_all(None, url)
        assert states[-1].size == 256
        forward_all(states[-1], url)
    assert taken == [*range(256), 256, *range(256, 260)]


def test_a_bundle_of_the_largest_entries_is_read(site: Site) -> None:
    log = SmallLog([bytes([i]) * 65_535 for i in range(256)])
    log.publish(site.files)
    (_, batch) = list(follow(None, site.reader, log.policy))
    assert encode_bundle(batch.entries) == log.tiles(256)[BUNDLE]
