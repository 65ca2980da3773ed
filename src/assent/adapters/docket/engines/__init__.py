"""Django's engines, on connections that keep what they acknowledged.

options of a connection -> Django's wrapper around it
"""
