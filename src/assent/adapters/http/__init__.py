"""The network: reading logs and telling others of entries, over HTTP.

What comes back is a value or an error of the core; how to be careful with strangers is
in `exchange`.
"""
