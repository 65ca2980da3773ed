"""SQLite: see `base`, the name under which Django looks for an engine.

path -> connection
"""
