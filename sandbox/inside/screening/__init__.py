"""Tries many candidates beside the code under test: search, never proof."""
