"""Convert files of other tools to cases: HAR, Postman collections, curl commands, OpenAPI."""
