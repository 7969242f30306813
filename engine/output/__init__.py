"""Format text, mask secrets, and write to terminals and files."""
