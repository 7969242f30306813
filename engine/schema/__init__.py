"""This room describes case files as a JSON schema, for editors."""
