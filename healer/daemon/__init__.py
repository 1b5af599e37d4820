"""The process that runs beside the scripts: it takes failures in and keeps regular tasks."""
