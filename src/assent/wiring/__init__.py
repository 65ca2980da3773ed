"""The one place where adapters meet use cases, and where the clock is read.

paths, names, options -> the values that the stages' verbs take

Here is what declarations and the rulebook need; `wiring.log` holds what a log needs, so
that neither waits for the other's libraries.
"""

from assent.wiring.runs import load_declaration, load_rulebook_named, today

__all__ = ["load_declaration", "load_rulebook_named", "today"]
