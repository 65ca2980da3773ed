"""Declarations and rulebooks from where they are kept, and today's date.

path or name -> RunDeclaration, Rulebook
"""

from datetime import UTC, date, datetime
from pathlib import Path

from assent.adapters.files import read_text, reader_beside
from assent.adapters.packaged import (
    RULEBOOKS,
    packaged_accelerators,
    packaged_rulebook,
    rulebook_in,
)
from assent.authorisation.declaration import (
    RunDeclaration,
    compose,
    form_from_config,
    parse_declaration,
)
from assent.rulebook import Rulebook
from assent.vocabulary import DocumentInvalid, FactsMissing, parse_json


def today() -> date:
    """Return the date, UTC."""
    return datetime.now(UTC).date()  # noqa: TID251 - the one clock


def load_declaration(
    path: Path, *, tokens: str | None = None, sequence_length: int | None = None
) -> RunDeclaration:
    """Return the declaration in a file, or one made of a bare config.json.

    Raises:
        FactsMissing: if a bare config comes without tokens.
        AssentError: of another kind, if the file cannot be used.

    """
    text = read_text(path)
    if path.suffix == ".json":
        value = parse_json(text).value
        if isinstance(value, dict) and "assent" not in value:
            return _from_config(path, value, tokens, sequence_length)
    if tokens is not None or sequence_length is not None:
        raise DocumentInvalid(
            f"{path} is a declaration and states its own tokens.",
            remedy="Leave out --tokens and --sequence-length, or give a config.json.",
        )
    return parse_declaration(text, packaged_accelerators(), reader_beside(path))


def load_rulebook_named(name: str) -> Rulebook:
    """Return a rulebook by its name, or from a folder of instruments.

    Raises:
        NotFound: if it is neither.
        DocumentInvalid, RulebookInvalid: if an instrument in the folder is unsound.

    """
    if name not in RULEBOOKS and Path(name).is_dir():
        return rulebook_in(Path(name))
    return packaged_rulebook(name)


def _from_config(
    path: Path,
    config: dict[str, object],
    tokens: str | None,
    sequence_length: int | None,
) -> RunDeclaration:
    if tokens is None:
        raise FactsMissing(
            f"{path} is a model's configuration; it does not say on how many tokens"
            " the model is trained.",
            remedy="Add --tokens 15e12.",
        )
    form = form_from_config(
        config,
        training_tokens=tokens,
        sequence_length=sequence_length,
        title=path.stem,
    )
    return compose(form, packaged_accelerators(), reader_beside(path))
