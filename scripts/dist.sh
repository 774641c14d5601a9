#!/bin/sh
# Builds dist/, which bin/tsnet runs, where a source is newer. Says nothing when there is nothing to do.
set -eu
cd "$(dirname "$(dirname "$(readlink -f "$0")")")"
[ ! -f dist/tsnet.js ] || [ -n "$(find . \( -name node_modules -o -name dist -o -name test -o -name bench -o -name scripts \) -prune -o \
  \( -name '*.ts' -o -name package-lock.json \) -newer dist/tsnet.js -print | head -n 1)" ] || exit 0
echo 'setup: build dist/' >&2
exec sh scripts/node.sh scripts/build.ts >&2
