"""One case of a vector file: what goes in, and what must come out.

name + description + input -> the case as plain JSON values
"""

import base64
from typing import Any

Case = dict[str, Any]


def good(name: str, description: str, given: str | bytes, **rest: Any) -> Case:  # noqa: ANN401 - JSON
    """Return a case that is accepted; `expected` among the rest says as what."""
    return {"name": name, "description": description, **encoded_input(given), **rest}


def bad(
    name: str,
    description: str,
    given: str | bytes,
    error: str,
    **rest: Any,  # noqa: ANN401 - JSON
) -> Case:
    """Return a case that is refused, and the stage at which."""
    before = {"name": name, "description": description, **encoded_input(given)}
    return {**before, **rest, "error": error}


def ours(case: Case) -> Case:
    """Mark a case where the specification leaves the choice open."""
    return {**case, "strictness": "ours"}


def encoded_input(given: str | bytes) -> Case:
    """Return the input as text where it is text, else in base64."""
    try:
        text = given if isinstance(given, str) else given.decode("utf-8")
        text.encode("utf-8")
    except UnicodeError:
        assert isinstance(given, bytes)
        return {"input_base64": base64.b64encode(given).decode("ascii")}
    return {"input": text}
