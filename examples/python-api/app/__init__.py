"""A small API with jobs that a worker does."""
