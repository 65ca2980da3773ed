"""In-memory versions of the ports, for tests: the same contracts, no disk, no network."""
