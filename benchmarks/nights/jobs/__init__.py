"""The jobs: small programs of the kinds that public reports of broken nights name."""

from benchmarks.nights.jobs import files, http, more, others

JOBS = (*http.JOBS, *files.JOBS, *others.JOBS, *more.JOBS)
