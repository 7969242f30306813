"""Cases compiled into steps that only run."""
