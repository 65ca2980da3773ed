"""The formats of the public log, as C2SP specifies them; one format a file.

bytes <-> values. Parsing is strict: what is parsed encodes to the same bytes again.
"""
