"""First reserves, for the night and for the desk."""
