"""Whether this machine can carry a load test, and how far."""
