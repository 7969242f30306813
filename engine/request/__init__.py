"""The requests of a step as bytes and headers: URL, headers, cookies, body, uploads."""
