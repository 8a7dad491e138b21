"""Server-side apply, and who owns which fields after any write."""
