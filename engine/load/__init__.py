"""Run a load: users, pacing, and the life of a run from start to stop."""
