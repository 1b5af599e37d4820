"""Runs pytest in a step, and decides how far its reports can be believed."""
