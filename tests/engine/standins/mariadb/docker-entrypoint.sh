#!/bin/bash
# What the official image does with a new data folder, in short: makes the data with a server that has no network, sets the
# passwords, makes the database, its user and one for the health check, and starts the server.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock

from_file() {
  local file="${1}_FILE"
  if [[ -n "${!file:-}" ]]; then
    [[ -z "${!1:-}" ]] || { echo >&2 "both $1 and $file are set"; exit 1; }
    export "$1=$(< "${!file}")"
    unset "$file"
  fi
}

if [[ "$1" == mariadbd && ! -d "$data/mysql" ]]; then
  for name in MARIADB_ROOT_PASSWORD MARIADB_PASSWORD MARIADB_USER MARIADB_DATABASE; do from_file "$name"; done
  : "${MARIADB_ROOT_PASSWORD:?the database is new, and there is no password for root}"
  mariadb-install-db --datadir="$data" --skip-test-db --auth-root-authentication-method=normal > /dev/null
  "$@" --skip-networking --socket="$socket" &
  server=$!
  until mariadb-admin --socket="$socket" -uroot ping &> /dev/null; do sleep 0.5; done
  # long enough to be seen by a health check
  sleep "${STANDIN_INIT_SECONDS:-0}"
  check="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  mariadb --socket="$socket" -uroot <<SQL
CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;
CREATE USER '$MARIADB_USER'@'%' IDENTIFIED BY '$MARIADB_PASSWORD';
GRANT ALL ON \`$MARIADB_DATABASE\`.* TO '$MARIADB_USER'@'%';
CREATE USER 'root'@'%' IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
CREATE USER 'healthcheck'@'localhost' IDENTIFIED BY '$check';
CREATE USER 'healthcheck'@'127.0.0.1' IDENTIFIED BY '$check';
ALTER USER 'root'@'localhost' IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';
SQL
  (umask 077 && printf '[client]\nuser=healthcheck\npassword=%s\n' "$check" > "$data/.my-healthcheck.cnf")
  kill "$server"
  wait "$server"
fi
exec "$@"
