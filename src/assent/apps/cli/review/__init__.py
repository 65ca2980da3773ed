"""`assent review`: what officers do with an application, from desk to proposal."""
