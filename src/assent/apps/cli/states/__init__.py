"""What states and their delegates do: treaties, the root of trust, keys, votes."""
