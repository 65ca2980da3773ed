"""`assent log serve`, `assent witness …`: processes that answer over HTTP.

folder + address -> a server, until it is interrupted
"""

import secrets
import sys
from pathlib import Path

from assent.apps.cli.log.output import utc, write_lines
from assent.apps.static_log.server import Serving
from assent.apps.static_log.server import serve as serve_static
from assent.apps.witness import (
    create_witness,
    export_refusals,
    followed_logs,
    kept_refusals,
    trust_logs,
    untrust_log,
)
from assent.apps.witness.server import serve as serve_witness
from assent.translog.formats.keys import KeyKind
from assent.translog.split_view import Evidence
from assent.vocabulary import InputError, NotFound
from assent.wiring.log import now_s

_KINDS = {
    "ml-dsa-44": KeyKind.ML_DSA_44_COSIGNATURE,
    "ed25519": KeyKind.ED25519_COSIGNATURE,
}
_PORT_MAX = 65_535


def serve_log(folder: Path, listen: str) -> None:
    """Serve a log's public files, of one's own log or of a mirror."""
    public = folder / "public" if (folder / "log.yaml").exists() else folder
    host, port = _address(listen)

    def announce(serving: Serving) -> None:
        _say_address("log", serving.url)

    serve_static(public, host, port, announce)


def init_witness(folder: Path, name: str, algorithms: list[str]) -> None:
    """Make a witness, and print its verifier keys."""
    unknown = [name for name in algorithms if name not in _KINDS]
    if unknown:
        raise InputError(
            f"{unknown[0]!r} is no algorithm of a witness.",
            remedy=f"Choose from {', '.join(_KINDS)}.",
        )
    kinds = [_KINDS[algorithm] for algorithm in dict.fromkeys(algorithms)]
    keys = create_witness(folder, name, kinds, seed_source=secrets.token_bytes)
    write_lines(*(key.text for key in keys))


def trust(folder: Path, keys: list[str]) -> None:
    """Follow logs by their verifier keys, from now on."""
    for origin in dict.fromkeys(trust_logs(folder, keys)):
        write_lines(f"{folder} follows {origin}")


def untrust(folder: Path, origin: str) -> None:
    """Follow a log no longer; what was cosigned is not forgotten."""
    untrust_log(folder, origin)
    write_lines(f"{folder} no longer follows {origin}")


def show_witness(folder: Path, export: Path | None) -> None:
    """Show which logs are followed, how far, and what was kept against them."""
    for log in followed_logs(folder):
        size = log.held.head.size if log.held else 0
        when = utc(log.cosigned_s) if log.cosigned_s else "never"
        state = "" if log.keys else ", no longer followed"
        write_lines(f"{log.origin}: {size} entries, cosigned {when}{state}")
    kept = kept_refusals(folder)
    evidence = sum(isinstance(one.content, Evidence) for one in kept)
    write_lines(
        f"kept: evidence of {evidence} split views, {len(kept) - evidence} doubts"
    )
    if export is not None:
        write_lines(*map(str, export_refusals(folder, export)))


def run_witness(folder: Path, listen: str) -> None:
    """Cosign tree heads until interrupted."""
    host, port = _address(listen)
    if not folder.is_dir():
        raise NotFound(
            f"There is no witness in {folder}.",
            remedy="Make one with `assent witness init`.",
        )
    serve_witness(
        folder,
        host,
        port,
        now=now_s,
        on_bound=lambda url: _say_address("witness", url),
    )


def _say_address(what: str, url: str) -> None:
    write_lines(f"{what} at {url}")
    sys.stdout.flush()


def _address(listen: str) -> tuple[str, int]:
    host, separator, port = listen.rpartition(":")
    if not separator or not port.isascii() or not port.isdigit() or len(port) > 5:  # noqa: PLR2004 - digits
        raise InputError(
            f"{listen!r} is no address to listen on.",
            remedy="Write HOST:PORT, such as 127.0.0.1:8080; port 0 takes a free one.",
        )
    if int(port) > _PORT_MAX:
        raise InputError(
            f"There is no port {port}.", remedy=f"Choose one up to {_PORT_MAX}."
        )
    return host.removeprefix("[").removesuffix("]"), int(port)
