"""What earlier repairs taught: similar incidents, notes of scripts, patterns over many repairs.

Nothing is imported here. The parts: `store.Memory` (similar incidents), `notes` and `patterns`
(pure).
"""
