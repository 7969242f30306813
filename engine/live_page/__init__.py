"""Serve the page of a load test while it runs: the seconds so far, and each new one."""
