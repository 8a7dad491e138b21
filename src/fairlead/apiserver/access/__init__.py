"""Who asks, what they may do, and the certificates they come with."""
