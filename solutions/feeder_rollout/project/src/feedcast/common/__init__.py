"""What all packages need."""
