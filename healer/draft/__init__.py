"""Drafters: what may be tried. Nothing they say is believed before the judge has seen it."""
