"""The jobs: small programs of the kinds that public reports of broken nights name."""

from benchmarks.nights.jobs import archives, files, http, more, others, services, surroundings

JOBS = (
    *http.JOBS, *files.JOBS, *others.JOBS, *more.JOBS, *services.JOBS, *archives.JOBS,
    *surroundings.JOBS,
)  # fmt: skip
