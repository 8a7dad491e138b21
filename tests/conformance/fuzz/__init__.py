"""Random requests by seed, put to a real server and to ours: `python -m tests.conformance.fuzz`."""
