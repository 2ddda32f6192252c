#!/bin/sh
# Runs what lies in /docker-entrypoint.d before nginx, and nothing before another command.
set -e
case $1 in
nginx | nginx-debug)
    for file in $(find /docker-entrypoint.d -follow -type f | sort -V); do
        case $file in
        *.envsh) if [ -x "$file" ]; then . "$file"; fi ;;
        *.sh) if [ -x "$file" ]; then "$file"; fi ;;
        esac
    done
    ;;
esac
exec "$@"
