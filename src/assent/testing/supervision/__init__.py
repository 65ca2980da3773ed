"""Made-up sites: their books in memory, their gates."""
