"""Git objects: trees, candidates, protection, patch policy, tested merge, rollback.

Import the modules: this package itself imports nothing, so that the command's start stays cheap.
"""
