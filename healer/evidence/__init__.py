"""What runs the sandbox to learn something about a script or a patch."""
