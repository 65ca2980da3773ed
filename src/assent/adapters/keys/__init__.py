"""Secrets at rest: age files, held keys, and where passphrases are read from."""
