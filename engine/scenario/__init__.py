"""Compile cases into steps, so that nothing is parsed or resolved while the load runs."""
