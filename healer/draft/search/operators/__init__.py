"""The small edits that the search tries, and where they fit."""
