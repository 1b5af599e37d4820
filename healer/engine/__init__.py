"""Durable execution: DBOS, its patches, backoff and locks. It knows nothing of repairs."""
