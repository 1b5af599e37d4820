"""Bugs of public projects, with the commits that mended them: what a first prompt shows of them."""
