"""Each case once per parameter row: the same steps as under load, every one written down."""
