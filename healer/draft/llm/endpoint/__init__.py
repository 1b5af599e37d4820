"""Calls to OpenAI-compatible endpoints: wire, formats, money, pace and fallbacks."""
