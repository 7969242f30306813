"""One module per command: flags become values, parts are wired up, the end becomes an exit code."""
