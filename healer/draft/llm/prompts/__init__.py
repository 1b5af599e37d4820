"""What a model is shown: code, history and background, within a token budget."""
