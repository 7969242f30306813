"""Turn snapshots into a live table, a summary and result files."""
