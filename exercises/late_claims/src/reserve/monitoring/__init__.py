"""What the weekly look at the service counts."""
