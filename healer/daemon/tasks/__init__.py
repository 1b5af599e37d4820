"""What the daemon does at intervals: one file for each task."""
