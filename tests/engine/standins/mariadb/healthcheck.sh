#!/bin/bash
# --connect: the server answers and has its network; --innodb_initialized: InnoDB is there.
set -euo pipefail

ask() {
  mariadb --defaults-extra-file=/var/lib/mysql/.my-healthcheck.cnf --protocol=socket --skip-column-names --batch -e "$1"
}

for wanted; do
  case "$wanted" in
    --connect) [[ "$(ask 'SELECT @@skip_networking')" == 0 ]] ;;
    --innodb_initialized) [[ "$(ask "SELECT 1 FROM information_schema.ENGINES WHERE engine='innodb' AND support IN ('YES', 'DEFAULT')")" == 1 ]] ;;
    *) echo >&2 "unknown: $wanted"; exit 1 ;;
  esac
done
