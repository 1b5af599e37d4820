"""The recorded world of a job, played back in the container: peers, files, clock, variables."""
