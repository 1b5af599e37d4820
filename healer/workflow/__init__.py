"""The line that a failure follows, as a durable workflow on DBOS."""
