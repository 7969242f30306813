"""What the author wrote: files become frozen `Case` values, or one list of problems."""
