"""`assent key`: make a key, show its public half, sign with it what was read first."""
