"""What runs inside the job's own Python, under any version, and must not be noticed by it."""
