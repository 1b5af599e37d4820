"""The first process of a container: serves one job, starts and ends its steps."""
