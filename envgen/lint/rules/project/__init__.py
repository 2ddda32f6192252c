"""Rules about what crosses files: services, Dockerfiles, build contexts and variables."""
