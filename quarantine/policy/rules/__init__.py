"""The rules, one module for each kind of thing that they look at."""
