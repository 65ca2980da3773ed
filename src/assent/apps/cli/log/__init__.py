"""`assent log` and `assent witness`: keep, read, verify and watch a public log."""
