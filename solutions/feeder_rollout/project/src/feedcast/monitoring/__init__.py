"""The weekly look, and what the jobs count."""
