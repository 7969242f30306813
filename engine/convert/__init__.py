"""Other tools' files become cases: HAR, Postman collections, curl commands, OpenAPI."""
