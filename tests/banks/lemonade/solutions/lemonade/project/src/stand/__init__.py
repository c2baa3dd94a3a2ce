"""A lemonade stand."""
