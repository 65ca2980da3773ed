"""Serve an agency's orders to gates, and take their acknowledgements.

feed of orders + store of acknowledgements -> an HTTP server for thousands of gates
"""

from assent.apps.feed.relay import Relay
from assent.apps.feed.server import LOOPBACK, PORT, FeedServer, Served, serve

__all__ = ["LOOPBACK", "PORT", "FeedServer", "Relay", "Served", "serve"]
