"""Facts to text for people: mails, tables, diffs. Pure."""
