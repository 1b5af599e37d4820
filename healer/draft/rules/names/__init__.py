"""Rules for names, attributes, imports, calls, and what libraries renamed."""
