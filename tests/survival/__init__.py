"""Whether a client survives: a real API server behind faults, a writer that never rests, and an oracle that is exact."""
