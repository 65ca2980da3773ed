"""Where a run stops until its evaluations are passed, and who may stop it besides.

permit + signed evaluation reports -> the stretch that is unlocked
"""
