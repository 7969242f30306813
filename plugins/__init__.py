"""One long-lived subprocess per debugtalk.py, and calls into it."""
