"""This room runs each case once per parameter row and writes every step down."""
