"""What is known of Python types as JSON: reading it however odd, and writing back only what changed."""
