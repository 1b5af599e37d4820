"""What runs inside the container. Standard library only, no import from outside this folder."""
