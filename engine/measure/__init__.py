"""Count and time everything in a run, and freeze the numbers in snapshots."""
