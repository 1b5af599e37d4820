"""A working tree that follows a merge, whole or not at all."""
