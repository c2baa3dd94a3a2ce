"""Tomorrow's load of each feeder, and how a model gets into production."""
