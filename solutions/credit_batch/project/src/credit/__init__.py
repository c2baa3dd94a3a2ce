"""Credit: every night, the risk of each application that came in during the day."""
