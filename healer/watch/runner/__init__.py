"""The healer run command: a job run as it is, and recorded when it fails."""
