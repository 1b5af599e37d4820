"""Rules for types, numbers, text, dates and control flow."""
