"""What is known of a claim on the evening of its notification."""
