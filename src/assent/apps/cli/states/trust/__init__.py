"""`assent trust`: what the states sign so that anybody can tell their treaty."""
