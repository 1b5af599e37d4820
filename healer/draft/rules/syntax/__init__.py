"""Rules for files that do not parse."""
