"""Which of a few named lines a step executes."""
