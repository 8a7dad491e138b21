"""What monitoring sees of a client: metrics and traces. Each needs a package of its own, and neither is imported before."""
