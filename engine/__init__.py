"""The load engine: cases in, a report whose numbers add up out."""
