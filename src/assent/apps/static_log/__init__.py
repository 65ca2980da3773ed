"""Serve a log's public folder over HTTP, as C2SP tlog-tiles asks.

A web server or a bucket that sends the same headers does as well; this one makes a log
readable with one command.
"""

from assent.apps.static_log.app import make_app
from assent.apps.static_log.server import Serving, serve

__all__ = ["Serving", "make_app", "serve"]
