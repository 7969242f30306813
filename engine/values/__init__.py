"""Values of one iteration: expressions, functions, extraction and assertions."""
