"""What the judge lets merge: wrong fixes that look right, right ones, and tempting scripts."""
