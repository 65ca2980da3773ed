"""`assent treaty`: write, read and compare treaties."""
