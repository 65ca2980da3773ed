"""How the tables of the cases came to be, step by step.

tables of one version -> tables of the next
"""
