"""Screen: whom the readers of applications should look at first."""
