"""What is wrong with objects, and what the server warns of: its rules beyond schemas, with its texts, a file for each family."""
