"""First reserves for motor claims: what a claim will probably cost, on the evening of its notification."""
