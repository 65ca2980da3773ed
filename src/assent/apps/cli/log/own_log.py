"""`assent log init | append | publish | head | prove`: one's own log.

folder + options -> entries, a tree head, proofs
"""

import sys
from pathlib import Path

from assent.adapters.files import read_text
from assent.apps.cli.log.new_entry import (
    EntryOptions,
    entries_in,
    entry_from_json,
    entry_from_options,
)
from assent.apps.cli.log.output import counting, show_head, write_lines
from assent.apps.cli.output.writing import verify_new, write_new
from assent.translog.errors import QuorumNotMet, WitnessUnavailable
from assent.translog.keeping.sequence import in_batches
from assent.vocabulary import InputError, NotFound
from assent.wiring import log as wiring

NO_WITNESSES = b"quorum none\n"


def init(folder: Path, origin: str, trust: Path | None, documents: str) -> None:
    """Make a log, and say what its witnesses and readers need."""
    lines = NO_WITNESSES if trust is None else read_text(trust).encode()
    place = wiring.create_log(folder, origin, lines, documents)
    write_lines(*(line.key.text for line in place.policy.logs))
    sys.stderr.write(
        f"Made the log {origin} in {folder}. Above are its verifier keys: give them to"
        f" witnesses, and {place.policy_path} to readers.\n"
    )


def append(
    folder: Path,
    options: EntryOptions,
    entry: Path | None,
    proof: Path | None,
    *,
    later: bool,
) -> None:
    """Append one entry, publish it, and write its proof if that is asked for."""
    if later and proof is not None:
        raise InputError(
            "There is no proof of an entry that is not published.",
            remedy="Leave out --later, or run `assent log prove` after publishing.",
        )
    if entry is not None and options.states_something:
        raise InputError(
            f"The entry is stated twice, by {entry} and by options.",
            remedy="Give --entry alone, or the options without it.",
        )
    if proof is not None:
        verify_new(proof)  # before the entry is public for ever
    with wiring.open_log(folder) as log:
        log.publisher.check()
        if entry is not None:
            data = entry_from_json(read_text(entry))
        else:
            data = entry_from_options(options, lambda: log.documents, wiring.now_s())
        sys.stderr.write(f"This becomes public for ever: {data.decode()}\n")
        (index,) = log.sequencer.append([data])
        write_lines(str(index))  # it is durable, whatever becomes of publishing
        sys.stdout.flush()
        if not later:
            _publish(log, refresh=False)
        if proof is not None:
            write_new(proof, log.prover.proof(index).encoded)


def append_batch(folder: Path, batch: Path, *, is_alone: bool, later: bool) -> None:
    """Append the entry on each line of a file; their indices come out in order."""
    if not is_alone:
        raise InputError(
            "A batch has its entries in a file, and no options or proof for each.",
            remedy="Give --batch alone or with --later; prove entries afterwards.",
        )
    with wiring.open_log(folder) as log:
        log.publisher.check()
        done = 0
        with counting("entries") as tell:
            for entries in in_batches(entries_in(batch)):
                indices = log.sequencer.append(entries)
                write_lines(*map(str, indices))
                done += len(indices)
                tell(done)
        if not later:
            _publish(log, refresh=False)


def publish(folder: Path, *, refresh: bool) -> None:
    """Publish what was appended, or ask the witnesses once more."""
    with wiring.open_log(folder) as log:
        _publish(log, refresh=refresh)


def head(folder: Path) -> None:
    """Show the published tree head and who vouches for it."""
    with wiring.open_log(folder) as log:
        with log.store.reading() as transaction:
            size, signed = transaction.size(), transaction.published_head()
        if signed is None:
            raise NotFound(
                f"The log {log.place.origin} has published no tree head yet; it holds"
                f" {size} entries.",
                remedy="Run `assent log publish`.",
            )
        show_head(log.place.policy.check(signed))
    if size > signed.head.size:
        write_lines(f"waiting    {size - signed.head.size} entries to be published")


def prove(folder: Path, index: int, out: Path | None) -> None:
    """Write the proof of one entry, which anybody can verify offline."""
    with wiring.open_log(folder) as log:
        proof = log.prover.proof(index).encoded
    if out is None:
        sys.stdout.buffer.write(proof)
    else:
        write_new(out, proof)


def document(folder: Path, digest: str, out: Path) -> None:
    """Write the document with a digest, as an entry names it, to a file."""
    with wiring.open_log(folder) as log:
        write_new(out, log.documents.get(digest))


def _publish(log: wiring.OpenLog, *, refresh: bool) -> None:
    try:
        with counting("tiles") as tell:
            log.publisher.publish(wiring.now_s(), refresh=refresh, progress=tell)
    except QuorumNotMet as error:  # of our own witnesses: they may answer later
        raise WitnessUnavailable(error.message, remedy=error.remedy) from None
