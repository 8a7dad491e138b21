"""kubectl, unchanged, against the real server and ours: the same commands give the same output and exit codes."""
