"""What a job asked its world and what the world answered: made from notes, kept, read back."""
