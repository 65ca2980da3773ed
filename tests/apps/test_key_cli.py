"""`assent key` as its holder uses it: make, show, read what is signed, sign."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assent.adapters.keys.age_files import PassphraseWrong, decrypt_with, encrypt_to
from assent.adapters.keys.held_keys import (
    KeyFileDamaged,
    KeyFileExists,
    KeyOfAnotherKind,
    unlock,
    unlock_identity,
)
from assent.adapters.keys.secret_files import PassphraseUnfit, SecretExposed
from assent.apps.cli.output.visible import visible
from assent.apps.cli.states.key.app import key
from assent.apps.cli.states.key.screen import NotConfirmed, confirm_and_unlock
from assent.apps.cli.states.key.signing import KeyNotAsked
from assent.apps.cli.states.key.statement import (
    KNOWN,
    VOTE_TYPE,
    StatementUnexplained,
    describe_statement,
)
from assent.authorisation.permit.permit import PERMIT_TYPE
from assent.authorisation.review import deciding as voted
from assent.authorisation.trust import (
    KeyQuorum,
    RoleQuorums,
    TrustMalformed,
    make_root,
    make_targets,
    next_root,
    parse_root,
)
from assent.testing.states import SeededSigner, SimulatedTreaty
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    DocumentTooLarge,
    InputError,
    canonical_bytes,
)
from assent.vocabulary.envelope import Envelope, parse_envelope, verify_envelope

PHRASE = "seven green lamps at noon"
NOTICE_TYPE = "application/vnd.example.notice+json"
NOTICE = Envelope(canonical_bytes({"notice": "The site opens."}), NOTICE_TYPE)


@dataclass(frozen=True)
class Holder:
    """A person with a key, an inspector's key, and a passphrase in a file."""

    folder: Path
    passphrase_file: Path
    key: Path
    opening: Path


def run(*arguments: object, error: type[AssentError] | None = None) -> str:
    """Run a command; return what it printed and said."""
    done = CliRunner().invoke(key, [str(argument) for argument in arguments])
    if error is None:
        assert done.exit_code == 0, (done.output, done.exception)
    else:
        assert type(done.exception) is error
    assert PHRASE not in done.output
    return done.output


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    folder = tmp_path_factory.mktemp("holder")
    passphrase_file = folder / "passphrase"
    passphrase_file.touch(0o600)
    passphrase_file.write_text(f"{PHRASE}\n")
    one = Holder(folder, passphrase_file, folder / "KEN.key", folder / "opening.key")
    secret = ("--passphrase-file", passphrase_file)
    run("new", "KEN", "--out", one.key, *secret)
    run("new", "inspector-1", "--kind", "opening", "--out", one.opening, *secret)
    return one


def sign(holder: Holder, data: bytes, *more: object, **expected: Any) -> str:  # noqa: ANN401 - as run
    path = holder.folder / "statement"
    path.write_bytes(data)
    secret = ("--passphrase-file", holder.passphrase_file)
    return run("sign", path, "--key", holder.key, *secret, *more, **expected)


def test_a_new_key_is_shown_as_a_treaty_names_it(holder: Holder) -> None:
    held = unlock(holder.key, PHRASE)
    shown = run("show", holder.key)
    assert f'public: "{held.key.text}"' in shown
    assert held.key.key_id in shown
    told = json.loads(run("show", holder.key, "--json"))
    assert (told["name"], told["kind"]) == ("KEN", "signing")
    assert (told["public"], told["key_id"]) == (held.key.text, held.key.key_id)


def test_an_inspectors_key_is_shown_as_a_recipient_and_opens(holder: Holder) -> None:
    told = json.loads(run("show", holder.opening, "--json"))
    assert f'recipient: "{told["public"]}"' in run("show", holder.opening)
    identity = unlock_identity(holder.opening, PHRASE)
    assert decrypt_with(encrypt_to(b"x", [told["public"]]), identity) == b"x"


def test_two_new_keys_are_different(holder: Holder) -> None:
    other = holder.folder / "other.key"
    run("new", "KEN", "--out", other, "--passphrase-file", holder.passphrase_file)
    assert unlock(other, PHRASE).key != unlock(holder.key, PHRASE).key


def test_no_key_is_overwritten_and_no_weak_passphrase_taken(holder: Holder) -> None:
    secret = ("--passphrase-file", holder.passphrase_file)
    run("new", "KEN", "--out", holder.key, *secret, error=KeyFileExists)
    weak, new = holder.folder / "weak", holder.folder / "new.key"
    weak.touch(0o600)
    weak.write_text("short\n")
    run("new", "K", "--out", new, "--passphrase-file", weak, error=PassphraseUnfit)
    weak.chmod(0o644)
    run("new", "K", "--out", new, "--passphrase-file", weak, error=SecretExposed)
    assert not new.exists()


def test_without_a_terminal_a_passphrase_must_be_in_a_file(tmp_path: Path) -> None:
    run("new", "K", "--out", tmp_path / "key", error=NotConfirmed)


def test_the_words_come_before_the_signature(holder: Holder) -> None:
    out = holder.folder / "signed"
    more = ("--type", NOTICE_TYPE, "--yes", "--out", out)
    shown = sign(holder, NOTICE.encoded, *more)
    assert 'notice: "The site opens."' in shown
    held = unlock(holder.key, PHRASE)
    assert f"with the key of KEN, {held.key.key_id}" in shown
    signed = parse_envelope(out.read_bytes())
    assert verify_envelope(signed, NOTICE_TYPE, [held.key]) == {held.key.key_id}


def test_a_signature_joins_those_of_others(holder: Holder) -> None:
    out = holder.folder / "signed by two"
    other = SeededSigner("NOR")
    more = ("--type", NOTICE_TYPE, "--yes", "--out", out)
    shown = sign(holder, NOTICE.signed_by(other).encoded, *more)
    assert "signatures so far, not verified: 1" in shown
    keys = [other.key, unlock(holder.key, PHRASE).key]
    signed = parse_envelope(out.read_bytes())
    assert len(verify_envelope(signed, NOTICE_TYPE, keys)) == 2


def test_nothing_is_signed_without_a_yes(holder: Holder) -> None:
    more = ("--type", NOTICE_TYPE)
    assert "You are about to sign" in sign(
        holder, NOTICE.encoded, *more, error=NotConfirmed
    )


def test_a_type_that_nobody_named_is_refused(holder: Holder) -> None:
    sign(holder, NOTICE.encoded, "--yes", error=StatementUnexplained)
    sign(holder, NOTICE.encoded, "--yes", "--type", "a/b", error=InputError)


def test_votes_are_cast_elsewhere(holder: Holder) -> None:
    assert VOTE_TYPE == voted.VOTE_TYPE
    ballot = Envelope(b"{}", VOTE_TYPE).encoded
    for more in ((), ("--type", VOTE_TYPE)):
        sign(holder, ballot, "--yes", *more, error=StatementUnexplained)


def test_trust_metadata_is_described_compared_and_signed(holder: Holder) -> None:
    held = unlock(holder.key, PHRASE)
    states = KeyQuorum(frozenset({held.key, SeededSigner("NOR").key}), 2)
    online = KeyQuorum(frozenset({SeededSigner("agency").key}), 1)
    quorums = RoleQuorums(root=states, targets=states, online=online)
    root = make_root(quorums, datetime(2027, 3, 1, tzinfo=UTC))
    out = holder.folder / "root.json"
    shown = sign(holder, root, "--yes", "--out", out)
    assert "This is root metadata, version 1." in shown
    assert held.key.text in shown
    signed = out.read_bytes()
    assert [line.key_id for line in parse_root(signed).signatures] == [held.key.key_id]

    following = next_root(signed, quorums, datetime(2028, 3, 1, tzinfo=UTC))
    shown = sign(holder, following, "--yes", "--former", out)
    assert "It follows on version 1." in shown


def test_a_key_that_nobody_asked_for_signs_no_root(holder: Holder) -> None:
    online = KeyQuorum(frozenset({SeededSigner("agency").key}), 1)
    others = KeyQuorum(frozenset({SeededSigner("NOR").key}), 1)
    own = KeyQuorum(frozenset({unlock(holder.key, PHRASE).key}), 1)
    theirs = RoleQuorums(root=others, targets=others, online=online)
    ends = datetime(2027, 3, 1, tzinfo=UTC)
    before = holder.folder / "former.root"
    former = make_root(RoleQuorums(root=own, targets=others, online=online), ends)
    before.write_bytes(former)
    sign(holder, make_root(theirs, ends), "--yes", error=KeyNotAsked)
    following = next_root(former, theirs, ends)
    sign(holder, following, "--yes", error=KeyNotAsked)
    sign(holder, following, "--yes", "--former", before)  # it leaves, and says so
    targets = make_targets(canonical_bytes(SimulatedTreaty().form), ends, 1)
    sign(holder, targets, "--yes", "--former", before, error=KeyNotAsked)
    assert "NOT CHECKED" in sign(holder, targets, "--yes")


def test_a_file_that_is_no_key_is_not_to_be_hidden(tmp_path: Path) -> None:
    file = tmp_path / "proposal"
    file.write_text("{}")
    file.chmod(0o644)
    run("show", file, error=KeyFileDamaged)


def test_options_of_one_kind_of_file_are_refused_for_the_other(holder: Holder) -> None:
    online = KeyQuorum(frozenset({SeededSigner("agency").key}), 1)
    states = KeyQuorum(frozenset({SeededSigner("NOR").key}), 1)
    quorums = RoleQuorums(root=states, targets=states, online=online)
    root = make_root(quorums, datetime(2027, 3, 1, tzinfo=UTC))
    sign(holder, root, "--yes", "--type", NOTICE_TYPE, error=InputError)
    path = holder.folder / "root.json"
    path.write_bytes(root)
    sign(holder, NOTICE.encoded, "--yes", "--former", path, error=InputError)


def test_only_what_was_made_to_be_signed_is(holder: Holder) -> None:
    for data in (b"", b"\xff", b"[]", b"{}", b'{"payload":1}', b'{"a":{"signed":1}}'):
        sign(holder, data, "--yes", error=DocumentInvalid)
    sign(holder, b"[" * 100_000, "--yes", error=DocumentTooLarge)
    sign(holder, b" " * 1_000_001, "--yes", error=DocumentTooLarge)
    sign(holder, b'{"signed":1}', "--yes", error=TrustMalformed)
    spaced = NOTICE.encoded.replace(b'":', b'": ', 1)
    sign(holder, spaced, "--yes", "--type", NOTICE_TYPE, error=DocumentInvalid)


def test_an_opening_key_signs_nothing(holder: Holder) -> None:
    path = holder.folder / "statement"
    path.write_bytes(NOTICE.encoded)
    arguments = ("sign", path, "--key", holder.opening, "--type", NOTICE_TYPE, "--yes")
    run(*arguments, error=KeyOfAnotherKind)


def test_a_wrong_passphrase_signs_nothing(holder: Holder, tmp_path: Path) -> None:
    wrong, out = tmp_path / "wrong", tmp_path / "out"
    wrong.touch(0o600)
    wrong.write_text("seven green lamps at midnight\n")
    path = tmp_path / "statement"
    path.write_bytes(NOTICE.encoded)
    options = ("--type", NOTICE_TYPE, "--yes", "--passphrase-file", wrong)
    arguments = ("sign", path, "--key", holder.key, "--out", out, *options)
    run(*arguments, error=PassphraseWrong)
    assert not out.exists()


def test_a_permit_is_shown_field_by_field_with_its_numbers_readable() -> None:
    assert PERMIT_TYPE in KNOWN
    payload = {"caps": {"flop": "40000000000000000000000000", "sites": ["a", "b"]}}
    lines = describe_statement(Envelope(canonical_bytes(payload), PERMIT_TYPE), None)
    assert lines[0].startswith("A PERMIT")
    assert "caps.flop: 40000000000000000000000000 (about 4.000e25)" in lines
    assert [line for line in lines if line.startswith("caps.sites")] == [
        'caps.sites 1: "a"',
        'caps.sites 2: "b"',
    ]


def test_a_known_type_with_an_unreadable_payload_is_refused() -> None:
    with pytest.raises(StatementUnexplained):
        describe_statement(Envelope(b'{"a": 1}', PERMIT_TYPE), None)
    foreign = describe_statement(Envelope(b"\x00\x01", NOTICE_TYPE), NOTICE_TYPE)
    assert "2 bytes that assent cannot read" in foreign


def test_what_is_too_long_or_deep_to_be_read_is_not_signed() -> None:
    deep: Any = 0
    for _ in range(200):
        deep = {"a": deep}
    for payload in ({"a": list(range(2_001))}, deep):
        with pytest.raises(StatementUnexplained):
            describe_statement(
                Envelope(canonical_bytes(payload), NOTICE_TYPE), NOTICE_TYPE
            )


@pytest.mark.parametrize(
    "trick",
    [
        "\x1b[2J\x1b[H",  # clears the screen
        "\x1b]0;title\x07",
        "\r",
        "\n",
        "\x08",
        "\x9b31m",  # one byte of C1 that begins a sequence
        "\u202e",  # writes from right to left
        "\u2066",
        "\u200b",  # cannot be seen
        "\u2028",
        "\u00a0",
        "\U000e0041",
    ],
)
def test_no_foreign_text_moves_the_screen(trick: str, holder: Holder) -> None:
    payload = {f"key{trick}": f"Permit{trick}refused"}
    shown = sign(
        holder,
        Envelope(canonical_bytes(payload), NOTICE_TYPE).encoded,
        "--type",
        NOTICE_TYPE,
        error=NotConfirmed,
    )
    if trick != "\n":
        assert trick not in shown
    (line,) = [line for line in shown.splitlines() if "refused" in line]
    assert "Permit" in line
    assert "key" in line


def test_letters_of_every_alphabet_stay_as_they_are() -> None:
    text = "Kenya, Türkiye, 日本, مصر, Ελλάδα"
    assert visible(text) == text


def test_rows_of_spaces_cannot_push_words_out_of_sight() -> None:
    payload = {"a": "x" + " " * 200 + "caps.flop: 1"}
    lines = describe_statement(
        Envelope(canonical_bytes(payload), NOTICE_TYPE), NOTICE_TYPE
    )
    assert not any("    " in line for line in lines)


def test_another_command_can_use_the_screen(
    holder: Holder, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["Vote \x1b[1mYES\x1b[0m"]
    held = confirm_and_unlock(words, holder.key, holder.passphrase_file, yes=True)
    assert held.name == "KEN"
    assert "Vote <U+001B>[1mYES<U+001B>[0m" in capsys.readouterr().err


def at_a_terminal(
    answers: list[tuple[str, str]], *arguments: object
) -> tuple[int, str]:
    """Run a command at a terminal; type each answer once its question is there."""
    master, slave = pty.openpty()
    code = "from assent.apps.cli.states.key.app import key; key()"
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as process:
        os.close(slave)
        shown, asked = "", 0
        until = time.monotonic() + 60
        while time.monotonic() < until:
            ready, _, _ = select.select([master], [], [], 1)
            if not ready:
                continue
            data = b""
            with suppress(OSError):  # the other end is closed
                data = os.read(master, 4096)
            if not data:
                break
            shown += data.decode(errors="replace")
            if answers and answers[0][0] in shown[asked:]:
                asked = len(shown)
                os.write(master, f"{answers.pop(0)[1]}\n".encode())
        os.close(master)
        return process.wait(timeout=30), shown


def test_the_holder_is_asked_and_the_passphrase_is_not_shown(holder: Holder) -> None:
    path, out = holder.folder / "asked", holder.folder / "asked-signed"
    path.write_bytes(NOTICE.encoded)
    arguments = ("sign", path, "--key", holder.key, "--type", NOTICE_TYPE, "--out", out)
    code, shown = at_a_terminal([("Sign this?", "n")], *arguments)
    assert code != 0
    assert "Nothing was signed" in shown
    assert not out.exists()
    answers = [("Sign this?", "y"), ("Passphrase: ", PHRASE)]
    code, shown = at_a_terminal(answers, *arguments)
    assert code == 0, shown
    assert PHRASE not in shown
    assert parse_envelope(out.read_bytes()).signatures
