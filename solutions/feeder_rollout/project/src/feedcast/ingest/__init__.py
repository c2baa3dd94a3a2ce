"""From files of others to rows."""
