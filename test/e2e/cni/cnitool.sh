#!/bin/sh
# What cnitool does, for machines without it: `cnitool add|check|del NETWORK NETNS`, as the specification's section "Execution of network
# configurations" has it; for networks with one plugin.
set -eu
list=$(grep -l "\"name\": \"$2\"" "$NETCONFPATH"/*.conflist)
cache=/var/lib/cni/results/$2-$(basename "$3")
mkdir -p "${cache%/*}"
args=${CAP_ARGS:-}
[ -n "$args" ] || args='{}'
[ "$1" = add ] || args=$(cat "$cache.args")
config=$(jq -c --argjson args "$args" '(.plugins[0] + {name, cniVersion}) + (if $args == {} then {} else {runtimeConfig: $args} end)' "$list")
[ "$1" = add ] || config=$(echo "$config" | jq -c --slurpfile previous "$cache" '. + {prevResult: $previous[0]}')
command=$(echo "$1" | tr a-z A-Z)
result=$(echo "$config" | CNI_COMMAND=$command CNI_CONTAINERID=cnitool-$(basename "$3") CNI_NETNS=$3 CNI_IFNAME=eth0 \
  "$CNI_PATH/$(echo "$config" | jq -r .type)") || { echo "$result" >&2; exit 1; }
case $1 in
  add) echo "$result" | tee "$cache"; echo "$args" >"$cache.args" ;;
  del) rm -f "$cache" "$cache.args" ;;
esac
