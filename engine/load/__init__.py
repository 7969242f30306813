"""Who runs when: users, pacing, and the life of a run."""
