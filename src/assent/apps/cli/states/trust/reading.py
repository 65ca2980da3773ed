"""`assent trust` show and verify: what metadata says, and whether to believe it.

metadata -> lines;  root + folder (+ memory) -> the treaty in force
"""

import sys
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.trust import TrustFolder, TrustState
from assent.apps.cli.output.visible import visible
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TrustedTreaty,
    describe_metadata,
    parse_root,
    verify_trust,
)
from assent.vocabulary import format_instant, from_posix
from assent.wiring.log import now_s


def show(file: Path, former: Path | None) -> None:
    """Print what metadata says.

    Raises:
        TrustMalformed: if it is none.
        RootUnsigned, MetadataUnsigned: if one of its signatures is forged.

    """
    data = read_bytes(file, METADATA_BYTES_MAX)
    before = None if former is None else read_bytes(former, METADATA_BYTES_MAX)
    for line in describe_metadata(data, before):
        sys.stdout.write(f"{visible(line)}\n")


def verify(root_file: Path, folder: Path, state: Path | None) -> None:
    """Follow the files to the treaty, and print which one it is.

    With a memory, the root that it holds is the one that is trusted; the root that is
    named begins a memory where there is none.

    Raises:
        TrustRefused, TrustMalformed: if they do not lead there.
        NotFound: if a file is missing.

    """
    root = read_bytes(root_file, METADATA_BYTES_MAX)
    now, published = from_posix(now_s()), TrustFolder(folder)
    if state is None:
        since = parse_root(root).version
        trusted = verify_trust(root, published.read(since), now)
    else:
        memory = TrustState(state)
        if not state.exists():
            memory.start(root)
        since = parse_root(memory.read()[0]).version
        trusted = memory.verify(published.read(since), now)
    show_trusted(trusted)


def show_trusted(trusted: TrustedTreaty) -> None:
    """Print which treaty is in force, and until when that may be relied upon."""
    treaty, versions = trusted.treaty, trusted.versions
    lines = (
        f"treaty     {treaty.title}",
        f"agency     {treaty.agency}",
        f"version    {treaty.version}",
        f"digest     {treaty.digest}",
        f"root       version {versions.root}, from {trusted.root_digest}",
        f"targets    version {versions.targets}",
        f"snapshot   version {versions.snapshot}",
        f"timestamp  version {versions.timestamp}",
        f"until      {format_instant(trusted.expires)}",
    )
    sys.stdout.writelines(f"{visible(line)}\n" for line in lines)
