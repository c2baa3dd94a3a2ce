"""What all packages use: days, money, settings, the database, the journal and the metrics."""
