"""Measure speed and stability; this needs a quiet machine and minutes, see README.md."""
