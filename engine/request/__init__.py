"""This package makes the parts of a request: URL, headers, cookies, body and uploads."""
