"""The whole path on the QuixBugs programs, and what is right beyond their tests."""
