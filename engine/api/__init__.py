"""The Python API: a load test inside another program."""
