"""No command writes over a file that somebody has."""

from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assent.apps.cli.main import app
from assent.apps.cli.output.writing import verify_new, write_again, write_new
from assent.vocabulary import DocumentInvalid, InputError

KEY = b"a private key\n"


def refuse(data: bytes) -> None:
    """Take nothing but a list."""
    if not data.startswith(b"list"):
        raise DocumentInvalid("This is no list.", remedy="Name a list.")


def test_a_file_that_is_there_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "KEN.key"
    file.write_bytes(KEY)
    for act in (
        partial(verify_new, file),
        partial(write_new, file, b"vote"),
        partial(write_again, file, b"list 2", refuse),
    ):
        with pytest.raises(InputError, match=r"KEN\.key exists already") as refused:
            act()
        assert "another file" in refused.value.remedy
    assert file.read_bytes() == KEY


def test_nothing_is_written_through_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    link = tmp_path / "out"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="exists already"):
        write_new(link, b"vote")
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_renewed_gives_way_to_its_like(tmp_path: Path) -> None:
    file = tmp_path / "list"
    write_again(file, b"list 1", refuse)
    write_again(file, b"list 2", refuse)
    assert file.read_bytes() == b"list 2"


@pytest.mark.parametrize(
    "arguments",
    [
        ("declare", "new", "A run", "--out"),
        ("treaty", "new", "--national", "--agency", "a.example", "--out"),
        ("assess", "examples/llama-3.1-405b.yaml", "--html"),
        ("assess", "--batch", "examples/portfolio.csv", "--out"),
    ],
)
def test_commands_leave_a_key_alone(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    file = tmp_path / "KEN.key"
    file.write_bytes(KEY)
    done = CliRunner().invoke(app, [*arguments, str(file)])
    assert isinstance(done.exception, InputError)
    assert "exists already" in done.exception.message
    assert file.read_bytes() == KEY
