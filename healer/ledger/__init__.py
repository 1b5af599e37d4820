"""What was decided and what it cost: the decision ledger."""
