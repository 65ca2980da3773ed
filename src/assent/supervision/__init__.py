"""What makes a permit bite while a run is under way.

job -> admission -> metering -> ledger -> oversight -> pause
"""
