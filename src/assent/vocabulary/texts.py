"""What may stand in a text on one line, wherever it is written or read.

LINE, a class of characters -> the patterns of every form that takes such a text

One class for all: what an application may be called, a permit must be able to say.
It leaves out controls, breaks of a line, and what turns the order of letters around or
cannot be seen. It does not tell letters apart that look
alike: nothing here shows that two names are not meant to be mistaken for each other.
"""

# In the syntax that Python's `re` and pydantic's Rust share. Halves of surrogate pairs
# are left to them: no UTF-8 holds one.
STEERING = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
)
LINE = rf"[^\x09\x0a{STEERING}]"
LINES = rf"[^\x09{STEERING}]"  # the same, and the end of a line
NAME_LENGTH_MAX = 200  # of whoever and whatever a permit names
