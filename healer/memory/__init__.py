"""What was learnt: notes of scripts, earlier incidents, patterns of the ledger."""
