"""What a repository says of itself: its programs, tests, dependencies and what needs a person."""
