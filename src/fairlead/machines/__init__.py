"""State machines as tables: no clock, no socket, no task."""
