#!/bin/bash
# What the image's entrypoint does: the password from its file, a file of settings, the first user, the server.
set -e
PGADMIN_SETUP_PASSWORD=$(cat "$PGADMIN_DEFAULT_PASSWORD_FILE")
export PGADMIN_SETUP_PASSWORD PGADMIN_SETUP_EMAIL="$PGADMIN_DEFAULT_EMAIL"
export CONFIG_DISTRO_FILE_PATH="${PGADMIN_CUSTOM_CONFIG_DISTRO_FILE:-/pgadmin4/config_distro.py}"
printf "LOG_FILE = '/dev/null'\nSERVER_MODE = True\n" > "$CONFIG_DISTRO_FILE_PATH"
(cd pgadmin/utils && python -c "
import sys
from validation_utils import validate_email
options = {'CHECK_EMAIL_DELIVERABILITY': False, 'ALLOW_SPECIAL_EMAIL_DOMAINS': [], 'GLOBALLY_DELIVERABLE': True}
sys.exit(not validate_email('$PGADMIN_DEFAULT_EMAIL', options))")
python run_pgadmin.py
if [ -z "$PGADMIN_DISABLE_POSTFIX" ]; then sudo /usr/sbin/postfix start; fi
exec gunicorn --bind "[::]:${PGADMIN_LISTEN_PORT:-80}" --workers 1 --threads 25 --access-logfile - run_pgadmin:app
