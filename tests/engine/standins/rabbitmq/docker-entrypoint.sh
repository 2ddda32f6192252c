#!/bin/bash
# The official image takes no password from a file since 3.9, and says so.
set -euo pipefail

if [[ -n "${RABBITMQ_DEFAULT_PASS_FILE:-}" ]]; then
  echo >&2 "error: RABBITMQ_DEFAULT_PASS_FILE is set but deprecated"
  exit 1
fi
exec "$@"
