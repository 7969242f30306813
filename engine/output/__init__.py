"""Text, terminals and files: formatting, masking of secrets, writing."""
