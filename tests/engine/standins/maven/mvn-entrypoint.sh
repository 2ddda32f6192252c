#!/bin/sh
# The official one also copies /usr/share/maven/ref to the user's .m2; there is nothing in it here.
exec "$@"
