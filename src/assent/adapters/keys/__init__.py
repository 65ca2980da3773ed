"""Secrets at rest: age files, held keys, and the files that passphrases are read from."""
