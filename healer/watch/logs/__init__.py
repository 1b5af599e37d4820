"""Log files that are followed for tracebacks."""
