"""healer: notices failing scripts, drafts fixes, proves them in a sandbox, merges the proved."""
