"""The pause button: orders of a quorum that stop runs, and let them go on.

signed orders + treaty -> what is paused
"""
