"""Notices failures: runs jobs, follows logs, takes reports, keeps every failure on disk."""
