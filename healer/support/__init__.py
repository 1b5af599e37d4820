"""Small ideas that several packages need, each once; they know nothing of healer."""
