"""What the Tuesday sewing room runs."""
