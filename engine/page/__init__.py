"""The report of a load test as one page that needs no network and no other file."""
