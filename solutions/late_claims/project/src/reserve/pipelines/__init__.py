"""The jobs that the scheduler starts."""
