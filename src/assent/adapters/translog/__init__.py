"""The public log's database, files and folder, and the witnesses it asks.

Implements the ports of `assent.translog`.
"""
