"""From rows to hourly loads and examples."""
