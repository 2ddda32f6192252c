"""Rules about one Dockerfile."""
