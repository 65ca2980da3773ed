"""Whether a job may start under a permit, and what it is charged.

JobRequest + permit + lease + what is used + now -> Admission, or the reason why not
"""
