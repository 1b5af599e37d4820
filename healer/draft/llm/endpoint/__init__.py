"""Calls to OpenAI-compatible endpoints: dialects, wire, money, turns and breaks."""
