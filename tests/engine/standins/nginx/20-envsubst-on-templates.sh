#!/bin/sh
# Fills in the templates: only variables that are set are replaced, so that nginx keeps its own.
set -e
templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$templates" ] || exit 0
if [ ! -w "$output" ]; then
    echo "$0: ERROR: $templates exists, but $output is not writable"
    exit 0
fi
names=$(awk -v filter="${NGINX_ENVSUBST_FILTER:-}" 'END { for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }' </dev/null)
find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
    filled=$output/${template#"$templates"/}
    filled=${filled%"$suffix"}
    mkdir -p "$(dirname "$filled")"
    envsubst "$names" <"$template" >"$filled"
done
