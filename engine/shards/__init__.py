"""One load on several engines: split, watched and merged."""
