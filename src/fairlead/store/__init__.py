"""Objects in memory as bytes: one step per change, visible sets, indexes, deltas, own writes. Pure: no task, no socket."""
