#!/bin/sh
# Runs the Node 24 that the project brings (optional dependency), else a node >= 24 on PATH.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
for engine in "$root"/node_modules/node-linux-*/bin/node; do
  if "$engine" --version >/dev/null 2>&1; then exec "$engine" "$@"; fi
done
case "$(node --version 2>/dev/null)" in
  v2[4-9].*|v[3-9][0-9].*) exec node "$@" ;;
esac
echo 'tsnet: no Node.js >= 24 found: run `npm ci` in the checkout, or put one on PATH' >&2
exit 125
