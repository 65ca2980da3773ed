"""In-memory versions of the ports, for tests: same contracts, no disk, no network."""
