"""How long does it take to follow the states' keys to the treaty?

a root of nine states, rotations -> seconds, bytes; against python-tuf on the same files
"""

from dataclasses import replace

from bench.race import OURS
from bench.scratch import scratch
from bench.spread import COLUMNS, spread_row, spreads
from bench.table import Table
from bench.tuf_clients import race_from_folder, race_from_root, trust_now

from assent.adapters.trust import TrustFolder
from assent.authorisation.trust import verify_trust
from assent.testing.permits import SimulatedAgency
from assent.testing.trust import SimulatedTrust
from assent.vocabulary import canonical_bytes

TIMES = 300
FROM_A_FOLDER = 50
ROTATIONS = 9
_NOTE = """\
The root is signed by 6 of 9 states, as is the treaty; a rotation by 6 of the former
keys and 6 of the new, which here are the same. python-tuf is the TUF project's own
client: its `TrustedMetadataSet` on files in memory, its `Updater` with an empty cache
on a folder, without a network. It keeps what it verified on the disk, which assent's
caller does, and does not look into the treaty, which assent parses whole. assent reads
signatures by one stricter rule, and takes no more than it needs of TUF's format."""


def trust() -> Table:
    """Time first updates: from memory and a folder, with and without rotations."""
    agency = SimulatedAgency()
    fresh = trust_now(
        SimulatedTrust(form=agency.form, states=agency.states, needed=agency.needed)
    )
    rotated = trust_now(fresh)
    for _ in range(ROTATIONS):
        rotated.rotate()
    # What a verifier does who has seen the newest root already.
    newest, shown = rotated.roots[-1], replace(rotated.metadata, roots=())
    rows = [
        spread_row("from the first root", spreads(race_from_root(fresh), TIMES)),
        spread_row(
            f"over {ROTATIONS} rotations of the root",
            spreads(race_from_root(rotated), TIMES),
        ),
        spread_row(
            "from the newest root",
            spreads({OURS: lambda: verify_trust(newest, shown, rotated.now)}, TIMES),
        ),
    ]
    with scratch() as place:
        for what, made in (
            ("a first update from a folder", fresh),
            (f"a first update over {ROTATIONS} rotations", rotated),
        ):
            folder = place / f"{len(made.roots)}-roots"
            whole = replace(made.metadata, roots=tuple(made.roots))
            TrustFolder(folder).write(whole, made.now)
            race = race_from_folder(made, folder)
            rows.append(spread_row(what, spreads(race, FROM_A_FOLDER)))
    return Table(
        title="From a trusted root to the treaty",
        columns=COLUMNS,
        rows=rows,
        notes=(_sizes(fresh, rotated), _NOTE),
    )


def _sizes(fresh: SimulatedTrust, rotated: SimulatedTrust) -> str:
    def size(made: SimulatedTrust) -> int:
        return len(made.root) + len(canonical_bytes(made.metadata.plain))

    return (
        f"All files together have {size(fresh):,} bytes, of which the treaty is"
        f" {len(fresh.treaty):,}; after {ROTATIONS} rotations {size(rotated):,}."
    )
