"""Check whether this machine can carry a load test, and how large a one."""
