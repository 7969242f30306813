"""The example project and the target server that `boomtalk demo` runs it against."""
