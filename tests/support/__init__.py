"""What the tests stand on: running async tests, a real API server, processes."""
