"""What hadolint, the compose schema and envgen's own rules say about Dockerfiles, compose files and specs."""
