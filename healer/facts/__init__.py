"""Frozen facts that travel between the packages."""
