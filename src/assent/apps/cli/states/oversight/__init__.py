"""`assent oversight`: what inspectors report at the points where a run stops."""
