#!/bin/sh
# An option or a command of Composer alone is one of composer.
case ${1:-} in
-* | install | update | require | remove | dump-autoload | show | validate | create-project | run-script | config | audit | diagnose)
    set -- composer "$@"
    ;;
esac
if [ "$1" = composer ]; then set -- /usr/bin/tini -- "$@"; fi
exec "$@"
