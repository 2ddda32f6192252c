#!/bin/sh
# What the image's entrypoint writes: a file for each plugin, and a mark that it was here.
set -e
for plugin in $ADMINER_PLUGINS; do
    echo "<?php // $plugin" > "plugins-enabled/001-$plugin.php"
done
touch .adminer-init || true
exec "$@"
