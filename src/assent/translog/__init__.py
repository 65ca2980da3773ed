"""The public transparency log: everything official, in an order nobody can change.

entries -> indices -> tiles and a tree head, cosigned by witnesses -> proofs

Anyone can verify offline that an entry is in the log, and follow the log to see that
nothing was granted, changed or hidden in secret. Subpackages hold the mathematics
(`merkle`) and the bytes (`formats`); each module here is one verb.
"""
