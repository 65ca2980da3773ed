"""Foreign text made fit for a terminal.

text -> the same text, in which every character can be seen

Whatever is shown may come from an enemy. Characters that move the cursor, turn the
direction of writing, or cannot be seen are written out as their code. A letter that
looks like another of another alphabet is not found out.
"""

import unicodedata

# Control, format (bidi marks, zero width), surrogate, private, unassigned; separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return a text in which every character can be seen, on one line."""
    return "".join(
        f"<U+{ord(character):04X}>"
        if unicodedata.category(character) in _UNSEEN
        or (character.isspace() and character != " ")
        else character
        for character in text
    )


def visible_lines(text: str) -> str:
    """Return a text of several lines in which every character can be seen."""
    return "\n".join(visible(line) for line in text.split("\n"))
