"""One repair, from its failure to its outcome, and what people decide about it."""
