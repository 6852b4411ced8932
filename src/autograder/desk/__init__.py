"""The desk: what comes in from a learning management system, what goes back, and what it tells."""
