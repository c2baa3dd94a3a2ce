"""Which water pumps will fail within a week."""
