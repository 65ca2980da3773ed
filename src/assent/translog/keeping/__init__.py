"""Keep a log: take entries, publish them, prove them, and mend what breaks.

entries -> indices; database -> static files and a cosigned tree head; index -> proof

This is the side of whoever runs the log. Everything else here is for those who need not
trust that side.
"""
