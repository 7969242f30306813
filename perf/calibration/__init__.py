"""Hold the verdict on the generator against what it really added to each latency."""
