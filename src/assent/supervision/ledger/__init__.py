"""What every run was permitted, has reserved and has spent, in double entry.

admissions + readings -> postings -> balances and findings
"""
