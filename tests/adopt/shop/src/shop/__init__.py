"""Which orders come back."""
