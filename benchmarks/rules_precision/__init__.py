"""How often each rule is right on public code that is broken in the way that it mends."""
