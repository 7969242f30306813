"""Compare two runs, and find the differences that are larger than the noise within them."""
