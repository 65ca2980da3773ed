"""`assent permit`, `lease`, `measure`: permits verified, handed out, changed."""
