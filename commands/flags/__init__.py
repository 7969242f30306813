"""The flags of the command line: one dataclass per panel of `--help`."""
