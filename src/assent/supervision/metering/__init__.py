"""What a run has used, counted in its own training loop and signed.

architecture + batches -> readings, chained and signed
"""
