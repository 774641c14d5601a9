#!/bin/sh
# A namespace on a network of tsnet by hand, with cnitool of the CNI project: go install github.com/containernetworking/cni/cnitool@v1.1.2
set -eu
tsnet cni install /opt/cni/bin tsnet
export CNI_PATH=/opt/cni/bin NETCONFPATH="$(dirname "$0")"
ip netns add one

CAP_ARGS='{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}' cnitool add pods /run/netns/one | jq -c '.ips[]'
cnitool check pods /run/netns/one && echo checked
ip netns exec one ping -c 1 -W 2 10.85.0.1 | grep -o '[0-9]*% packet loss'
tsnet ps --format '{{.Networks}} {{.Ports}}'
cnitool del pods /run/netns/one
ip -n one -o link show type veth
tsnet ps --format '{{.Networks}} {{.Ports}}'
ip netns del one
# Output:
# /opt/cni/bin/tsnet-cni-client
# /opt/cni/bin/tsnet
# {"interface":2,"address":"10.85.0.2/16","gateway":"10.85.0.1"}
# {"interface":2,"address":"fd85::2/64","gateway":"fd85::1"}
# checked
# 0% packet loss
# pods 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp
