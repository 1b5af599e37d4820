"""What a model answers: found, parsed and checked."""
