"""The one place where adapters meet use cases, and where the clock is read.

paths, names, options -> the values that the stages' verbs take

`runs` puts together what declarations and the rulebook need, `log` what a log needs;
neither waits for the other's libraries.
"""
