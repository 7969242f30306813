"""From written text to values: expressions, functions, extraction and checks, compiled once."""
