"""What the agency's secretariat does with cases: every verb, over the ports.

Docket + Records + Treaty + now -> applications, votes, permits, notices
"""
