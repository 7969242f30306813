"""Snapshots turned into a live table, a summary and files."""
