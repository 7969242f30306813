"""Make the report of a load test as one HTML page that needs no network and no other file."""
