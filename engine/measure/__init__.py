"""What was counted and timed, and frozen snapshots of it."""
