"""What a run leaves behind in its directory, written while it goes and read again."""
