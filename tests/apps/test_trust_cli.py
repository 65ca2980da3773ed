"""The states' ceremony with files: root, targets, signatures, and an agency on it."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer import Typer
from typer.testing import CliRunner

from assent.adapters.agency.rehearsal_keys import new_rehearsal_key
from assent.adapters.keys.held_keys import KeyKind, KeyOfAnotherKind
from assent.apps.cli.agency.app import agency
from assent.apps.cli.states.key.app import key
from assent.apps.cli.states.treaty.app import treaty
from assent.apps.cli.states.trust.app import trust
from assent.authorisation.trust import (
    MetadataRolledBack,
    MetadataUnsigned,
    RootUnsigned,
    TrustMalformed,
)
from assent.testing.states import SimulatedTreaty, key_form
from assent.vocabulary import AssentError, InputError, NotFound
from assent.wiring.agency import now

STATES = ("AUS", "BRA", "CAN")
PASSPHRASE = "rehearsal of a ceremony"  # noqa: S105 - of keys that guard nothing
YEAR = (now() + timedelta(days=365)).date().isoformat()

assent = Typer()
for name, commands in {
    "agency": agency,
    "key": key,
    "treaty": treaty,
    "trust": trust,
}.items():
    assent.add_typer(commands, name=name)


def run(*arguments: object) -> str:
    """Run a command of `assent`; return what it prints."""
    done = CliRunner().invoke(assent, [str(one) for one in arguments])
    if done.exception is not None:
        raise done.exception
    return done.stdout


class Ceremony:
    """States with their root keys, and what they sign."""

    def __init__(self, folder: Path) -> None:
        """Make the keys."""
        self.folder = folder
        self.agency = folder / "agency"
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE)
        self.passphrase.chmod(0o600)
        for state in STATES:
            self.new_key(f"{state}.root")

    def new_key(self, name: str, kind: KeyKind = KeyKind.SIGNING) -> Path:
        """Make a key; return its file."""
        path = self.folder / f"{name}.key"
        new_rehearsal_key(path, name, PASSPHRASE, now(), kind)
        return path

    def keys(self, *states: str) -> list[object]:
        """Return the options that name states' root keys."""
        files = [self.folder / f"{state}.root.key" for state in states]
        return [word for file in files for word in ("--root-key", file)]

    def signed(self, file: Path, *states: str) -> Path:
        """Have states sign copies of a file, each apart; return the joined one."""
        copies = []
        for state in states:
            copies.append(file.with_name(f"{file.name}.{state}"))
            holder = self.folder / f"{state}.root.key"
            words = ("--passphrase-file", self.passphrase, "--yes")
            run("key", "sign", file, "--key", holder, "--out", copies[-1], *words)
        joined = file.with_name(f"{file.name}.signed")
        run("trust", "join", file, *copies, "--out", joined)
        return joined

    def prepare(self) -> dict[str, str]:
        """Prepare the agency; return the online key and the treaty's file."""
        said = run(
            *("agency", "prepare", self.agency, "--agency", "agency.example"),
            *("--origin", "agency.example/log", "--policy", "practice"),
        )
        form = SimulatedTreaty(states=STATES, needed=2).form | yaml.safe_load(said)
        file = self.folder / "treaty.yaml"
        file.write_text(yaml.safe_dump(form))
        found = re.search(r"^# online: (\w{64})$", said, re.MULTILINE)
        assert found is not None
        return {"online": found[1], "treaty": str(file)}

    def found(self, *, stopped: bool = False) -> None:
        """Go all the way to an agency; or until its database cannot be made."""
        prepared = self.prepare()
        files = self.folder
        run(
            *("trust", "root", *self.keys(*STATES), "--root-threshold", 2),
            *("--online", prepared["online"], "--expires", YEAR),
            *("--out", files / "1.root"),
        )
        run("treaty", "bytes", prepared["treaty"], "--out", files / "treaty.json")
        self.targets(files / "treaty.json", 1)
        if stopped:
            (self.agency / "cases.db").mkdir()
        try:
            run(
                *("agency", "found", self.agency, "--treaty", files / "treaty.json"),
                *("--root", self.signed(files / "1.root", "AUS", "CAN")),
                *("--targets", self.signed(files / "1.targets", "AUS", "BRA")),
            )
        except AssentError:
            assert stopped
            (self.agency / "cases.db").rmdir()

    def targets(self, document: Path, version: int) -> Path:
        """Make targets that name a treaty."""
        out = self.folder / f"{version}.targets"
        run(
            *("trust", "targets", document, "--version", version),
            *("--expires", YEAR, "--out", out),
        )
        return out


@pytest.fixture
def ceremony(tmp_path: Path) -> Ceremony:
    """Return states with keys."""
    return Ceremony(tmp_path)


@pytest.fixture
def founded(ceremony: Ceremony) -> Ceremony:
    """Return states whose agency is founded."""
    ceremony.found()
    return ceremony


def amend(ceremony: Ceremony, version: int, *states: str) -> str:
    """Have states sign the next version of the treaty, and publish it."""
    form = json.loads((ceremony.folder / "treaty.json").read_bytes())
    form["version"] = version
    document = ceremony.folder / f"treaty-{version}.json"
    document.write_text(json.dumps(form))
    out = document.with_suffix(".bytes")
    run("treaty", "bytes", document, "--out", out)
    targets = ceremony.signed(ceremony.targets(out, version), *states)
    return run(
        "agency", "amend", ceremony.agency, "--targets", targets, "--treaty", out
    )


def test_states_found_an_agency_that_readers_follow(founded: Ceremony) -> None:
    root = founded.agency / "root.json"
    said = run("trust", "verify", root, founded.agency / "trust")
    assert "agency     agency.example" in said
    assert "version    1" in said


def test_too_few_signatures_found_nothing(ceremony: Ceremony) -> None:
    prepared = ceremony.prepare()
    files = ceremony.folder
    run(
        *("trust", "root", *ceremony.keys(*STATES), "--root-threshold", 2),
        *("--online", prepared["online"], "--expires", YEAR, "--out", files / "root"),
    )
    run("treaty", "bytes", prepared["treaty"], "--out", files / "treaty.json")
    targets = ceremony.signed(ceremony.targets(files / "treaty.json", 1), "AUS", "BRA")
    found = ("agency", "found", ceremony.agency, "--treaty", files / "treaty.json")
    alone = ceremony.signed(files / "root", "AUS")
    with pytest.raises(RootUnsigned):
        run(*found, "--root", alone, "--targets", targets)
    with pytest.raises(NotFound, match="no agency"):
        run("agency", "status", ceremony.agency)
    run("trust", "join", alone, ceremony_copy(ceremony, alone), "--out", files / "two")
    run(*found, "--root", files / "two", "--targets", targets)
    with pytest.raises(InputError, match="holds an agency already"):
        run(*found, "--root", files / "two", "--targets", targets)


def ceremony_copy(ceremony: Ceremony, file: Path) -> Path:
    """Return a copy that BRA signed too."""
    out = file.with_name(f"{file.name}.BRA")
    run(
        *("key", "sign", file, "--key", ceremony.folder / "BRA.root.key", "--yes"),
        *("--passphrase-file", ceremony.passphrase, "--out", out),
    )
    return out


def test_a_treaty_that_names_other_machines_founds_nothing(ceremony: Ceremony) -> None:
    prepared = ceremony.prepare()
    files = ceremony.folder
    form = yaml.safe_load(Path(prepared["treaty"]).read_text())
    form["services"]["lease"] = [key_form("somebody")]
    (files / "other.json").write_text(json.dumps(form))
    run(
        *("trust", "root", *ceremony.keys(*STATES), "--root-threshold", 2),
        *("--online", prepared["online"], "--expires", YEAR, "--out", files / "root"),
    )
    run("treaty", "bytes", files / "other.json", "--out", files / "treaty.json")
    targets = ceremony.targets(files / "treaty.json", 1)
    with pytest.raises(InputError, match="not lease"):
        run(
            *("agency", "found", ceremony.agency, "--treaty", files / "treaty.json"),
            *("--root", ceremony.signed(files / "root", "AUS", "BRA")),
            *("--targets", ceremony.signed(targets, "AUS", "BRA")),
        )


def test_a_treaty_is_amended_and_no_older_one_follows(founded: Ceremony) -> None:
    assert "version    3" in amend(founded, 3, "AUS", "CAN")
    with pytest.raises(MetadataRolledBack):
        amend(founded, 2, "AUS", "CAN")
    assert "version    3" in run("agency", "status", founded.agency)


def test_one_state_alone_amends_nothing(founded: Ceremony) -> None:
    with pytest.raises(MetadataUnsigned):
        amend(founded, 2, "AUS")
    assert "version    1" in run("agency", "status", founded.agency)


def test_a_state_changes_its_root_key(founded: Ceremony) -> None:
    folder = founded.folder
    founded.new_key("KEN.root")
    said = run(
        *("trust", "next-root", folder / "1.root.signed", "--expires", YEAR),
        *(*founded.keys("AUS", "BRA", "KEN"), "--out", folder / "2.root"),
    )
    assert "It follows on version 1." in said
    assert "added:" in said
    assert "removed:" in said
    second = founded.signed(folder / "2.root", "AUS", "BRA")
    shown = run("trust", "show", second, "--former", folder / "1.root.signed")
    assert "Of the former root keys, 2 signed so far; 2 are needed." in shown
    state = folder / "state"
    published = (folder / "1.root.signed", founded.agency / "trust", "--state", state)
    assert "root       version 1" in run("trust", "verify", *published)
    targets = founded.targets(folder / "treaty.json", 2)
    run(
        *("agency", "amend", founded.agency, "--treaty", folder / "treaty.json"),
        *("--root", second, "--targets", founded.signed(targets, "AUS", "BRA")),
    )
    assert "root       version 2" in run("trust", "verify", *published)


def test_join_says_when_a_root_is_complete(ceremony: Ceremony) -> None:
    ceremony.found()
    root = ceremony.folder / "1.root"
    for states, said in ((("AUS",), "1 more"), (("AUS", "BRA"), "it is complete")):
        copies = [ceremony.folder / f"{state}.copy" for state in states]
        for state, copy in zip(states, copies, strict=True):
            copy.unlink(missing_ok=True)
            run(
                *("key", "sign", root, "--out", copy, "--yes"),
                *("--key", ceremony.folder / f"{state}.root.key"),
                *("--passphrase-file", ceremony.passphrase),
            )
        out = ceremony.folder / f"joined by {len(states)}"
        done = CliRunner().invoke(
            assent, ["trust", "join", *map(str, (root, *copies)), "--out", str(out)]
        )
        assert said in done.stderr


def test_the_file_that_does_not_fit_is_named(founded: Ceremony) -> None:
    wrong = founded.folder / "treaty.yaml"
    good = {
        "--targets": founded.folder / "1.targets.signed",
        "--treaty": founded.folder / "treaty.json",
        "--root": founded.folder / "1.root.signed",
    }
    for option in good:
        files = [word for pair in (good | {option: wrong}).items() for word in pair]
        with pytest.raises(AssentError) as refused:
            run("agency", "amend", founded.agency, *files)
        assert refused.value.message.startswith(f"{wrong}: ")
        assert ".." not in refused.value.message


def test_an_agency_is_called_as_treaties_call_it(ceremony: Ceremony) -> None:
    named = ("--agency", "a b", "--origin", "agency.example/log")
    with pytest.raises(InputError, match="no name of an agency"):
        run("agency", "prepare", ceremony.agency, *named)
    assert not ceremony.agency.exists()


def test_machines_get_new_keys_once_the_states_name_them(founded: Ceremony) -> None:
    folder = founded.folder
    root = (founded.agency / "root.json").read_bytes()
    run("agency", "work", founded.agency)
    said = run("agency", "new-keys", founded.agency)
    assert "assent trust next-root --online" in said
    assert (
        said.split("since")[0]
        == run("agency", "new-keys", founded.agency).split("since")[0]
    )  # the same keys, however often it is asked
    old = (founded.agency / "service-keys").read_bytes()
    form = json.loads((folder / "treaty.json").read_bytes())
    form |= yaml.safe_load(said) | {"version": 2}
    (folder / "2.json").write_text(json.dumps(form))
    run("treaty", "bytes", folder / "2.json", "--out", folder / "2.bytes")
    targets = founded.signed(founded.targets(folder / "2.bytes", 2), "AUS", "CAN")
    files = ("--targets", targets, "--treaty", folder / "2.bytes")
    with pytest.raises(InputError, match="not status nor lease"):
        run("agency", "amend", founded.agency, *files)
    online = re.findall(r"online: (\w{64})", said)[0]
    run(
        *("trust", "next-root", folder / "1.root.signed", "--online", online),
        *("--expires", YEAR, "--out", folder / "2.root"),
    )
    second = founded.signed(folder / "2.root", "BRA", "CAN")
    assert (founded.agency / "service-keys").read_bytes() == old
    run("agency", "amend", founded.agency, *files, "--root", second)
    assert (founded.agency / "service-keys").read_bytes() != old
    assert not (founded.agency / "service-keys.next").exists()
    assert "wrote" in run("agency", "work", founded.agency)
    (folder / "believed").write_bytes(root)
    run("trust", "verify", folder / "believed", founded.agency / "trust")


def test_founding_that_was_stopped_is_done_again(ceremony: Ceremony) -> None:
    ceremony.found(stopped=True)
    with pytest.raises(NotFound, match="no agency"):
        run("agency", "status", ceremony.agency)
    files = ceremony.folder
    run(
        *("agency", "found", ceremony.agency, "--treaty", files / "treaty.json"),
        *("--root", files / "1.root.signed", "--targets", files / "1.targets.signed"),
    )
    assert "version    1" in run("agency", "status", ceremony.agency)


def test_a_reader_who_remembers_is_shown_nothing_older(
    founded: Ceremony, tmp_path: Path
) -> None:
    published = founded.agency / "trust"
    old = {path: path.read_bytes() for path in published.iterdir()}
    amend(founded, 2, "AUS", "CAN")
    verify = ("trust", "verify", founded.agency / "root.json", published)
    run(*verify, "--state", tmp_path / "state")
    for path, data in old.items():
        path.write_bytes(data)
    assert "version    1" in run(*verify)  # who remembers nothing is deceived
    with pytest.raises(MetadataRolledBack):
        run(*verify, "--state", tmp_path / "state")
    (tmp_path / "state").write_text("{}")
    with pytest.raises(TrustMalformed):
        run(*verify, "--state", tmp_path / "state")


def test_refuses_copies_that_say_something_else(ceremony: Ceremony) -> None:
    online = "a" * 64
    for days, out in ((100, "one"), (200, "two")):
        run(
            *("trust", "root", *ceremony.keys("AUS"), "--root-threshold", 1),
            *("--online", online, "--out", ceremony.folder / out),
            *("--expires", (now() + timedelta(days=days)).date().isoformat()),
        )
    with pytest.raises(TrustMalformed, match="not the same"):
        run(
            *("trust", "join", ceremony.folder / "one", ceremony.folder / "two"),
            *("--out", ceremony.folder / "three"),
        )


def test_refuses_what_makes_no_root(ceremony: Ceremony) -> None:
    out, online = ceremony.folder / "root", "a" * 64
    rest = ("--online", online, "--expires", YEAR, "--out", out)
    with pytest.raises(InputError, match="needs --root-key"):
        run("trust", "root", *rest)
    twice = ceremony.keys("AUS", "AUS")
    with pytest.raises(InputError, match="given twice"):
        run("trust", "root", *twice, "--root-threshold", 2, *rest)
    with pytest.raises(TrustMalformed, match="no quorum"):
        run("trust", "root", *ceremony.keys("AUS"), "--root-threshold", 2, *rest)
    opening = ceremony.new_key("inspector", KeyKind.OPENING)
    with pytest.raises(KeyOfAnotherKind):
        run("trust", "root", "--root-key", opening, "--root-threshold", 1, *rest)
    with pytest.raises(NotFound):
        run("trust", "root", "--root-key", "nobody", "--root-threshold", 1, *rest)
    with pytest.raises(InputError, match="is past"):
        run(
            *("trust", "root", *ceremony.keys("AUS"), "--root-threshold", 1),
            *("--online", online, "--expires", "2020-01-01", "--out", out),
        )
    assert not out.exists()
    out.write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        run("trust", "root", *ceremony.keys("AUS"), "--root-threshold", 1, *rest)


def test_prepares_again_with_the_same_keys_and_log(ceremony: Ceremony) -> None:
    assert ceremony.prepare() == ceremony.prepare()
    with pytest.raises(InputError, match="holds the log agency"):
        run(
            *("agency", "prepare", ceremony.agency, "--agency", "agency.example"),
            *("--origin", "other.example/log"),
        )
