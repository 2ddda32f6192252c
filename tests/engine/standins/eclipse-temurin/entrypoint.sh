#!/bin/sh
# The certificates that the image came with, and those of /certificates where USE_SYSTEM_CA_CERTS is set and root runs this.
set -e
if [ -n "$USE_SYSTEM_CA_CERTS" ] && [ -d /certificates ] && [ "$(id -u)" = 0 ]; then
    cp -a /certificates/. /usr/local/share/ca-certificates/
    update-ca-certificates >/dev/null
fi
exec "$@"
