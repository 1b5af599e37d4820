"""Nights: what recording costs a job, and which failures of the world are seen again."""
