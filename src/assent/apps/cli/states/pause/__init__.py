"""`assent pause`: draw up, sign, issue and follow orders to pause and to resume."""
