"""From what others send to rows of the database."""
