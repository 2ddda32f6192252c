#!/bin/bash
# What the image's entrypoint does: a folder for logs, then the server.
set -e
mkdir -p /var/lib/localstack/logs
exec python -m localstack.runtime.main
