"""Two runs side by side: which differences are larger than the noise within the runs."""
