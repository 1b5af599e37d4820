"""What scripts/check looks at beside ruff, mypy and the import contracts. Never installed."""
