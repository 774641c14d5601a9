#!/bin/sh
# Runs the tests, every file in a process that is a host of its own (test/helpers/fake-host.cjs).
#
#   sh scripts/test.sh unit|fuzz|golden|integration|e2e [FILE…] [ava options]
#   sh scripts/test.sh all       all of them; what the machine lacks is a failure, not a skip
#
# unit, fuzz and golden need no root; integration and e2e do. The last line is `N passed, N failed`; a run that ends without a
# result counts as a failure.
set -u
cd "$(dirname "$(dirname "$(readlink -f "$0")")")" || exit 1
. scripts/path.sh
PARALLEL=2
# Tests that use the same cgroup hierarchies, and compare them before and after, run one file at a time.
SERIAL=1
in_cgroups='test/integration/runtime/**/*.test.ts'
in_namespaces='test/integration/!(runtime)/**/*.test.ts'

passed=0
failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The sum of the numbers before a phrase of ava's summary, such as "3 tests failed".
count() {
  sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$work/plain" | awk '{ sum += $1 } END { print sum + 0 }'
}

# run CONCURRENCY [ava arguments]
run() {
  concurrency=$1
  shift
  {
    sh scripts/node.sh node_modules/ava/entrypoints/cli.js --concurrency "$concurrency" \
      --node-arguments='--require=./test/helpers/fake-host.cjs' "$@" 2>&1
    echo $? >"$work/status"
  } | tee "$work/log"
  sed 's/\x1b\[[0-9;]*m//g' "$work/log" >"$work/plain"
  status=$(cat "$work/status" 2>/dev/null || echo 1)
  # ava leaves out the number of passed tests when some failed.
  good=$(grep -c '^  ✔ ' "$work/plain")
  bad=$(count '\(tests\{0,1\}\|hooks\{0,1\}\) failed')
  [ "$status" = 0 ] && [ "$good" -gt 0 ] || [ "$bad" -gt 0 ] || bad=1
  passed=$((passed + good))
  failed=$((failed + bad))
}

# Runs a tier: its own files, unless files are named.
tier() {
  concurrency=$1
  pattern=$2
  shift 2
  for argument in "$@"; do
    case $argument in -*) ;; *) pattern= ;; esac
  done
  run "$concurrency" ${pattern:+"$pattern"} "$@"
}

[ "$#" -gt 0 ] || set -- all
tier=$1
shift
case $tier in
  unit|fuzz|golden) tier $PARALLEL "test/$tier/**/*.test.ts" "$@" ;;
  integration|e2e) sh scripts/dist.sh && tier $SERIAL "test/$tier/**/*.test.ts" "$@" ;;
  all)
    if [ "$(id -u)" != 0 ]; then
      echo 'test: needs root, for namespaces of its own; without it: sh scripts/test.sh unit' >&2
      exit 1
    fi
    TSNET_REQUIRE=all
    export TSNET_REQUIRE
    run $PARALLEL 'test/{unit,fuzz,golden}/**/*.test.ts' "$@"
    run $PARALLEL "$in_namespaces" "$@"
    run $SERIAL "$in_cgroups" 'test/e2e/**/*.test.ts' "$@" ;;
  *)
    sed -n 's/^# \{0,1\}//p' scripts/test.sh | sed 1d | head -n 7 >&2
    exit 2 ;;
esac
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
