"""Rules for files, folders, streams and serialised data."""
