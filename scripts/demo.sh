#!/bin/sh
# The demonstration: builds networks and containers on a host of its own and checks what it says. Touches nothing of this machine.
set -eu
cd "$(dirname "$(dirname "$(readlink -f "$0")")")"
. scripts/path.sh
if [ "$(id -u)" != 0 ]; then
  echo 'demo: needs root, for namespaces of its own' >&2
  exit 1
fi
exec sh scripts/node.sh --require ./test/helpers/fake-host.cjs scripts/demo/main.ts "$@"
