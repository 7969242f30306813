"""One load on several engines: split, watched and summed up."""
