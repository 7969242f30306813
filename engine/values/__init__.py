"""This room compiles written text once: expressions, functions, extraction and checks."""
