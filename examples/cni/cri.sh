#!/bin/sh
# A pod as kubelet has it made, by containerd's CRI, with crictl of the Kubernetes project. PAUSE is an image with a web server, as the archive of
# `docker save`; containerd's configuration names it: sandbox_image = "localhost/pause:1".
set -eu
here=$(dirname "$0")
ctr -n k8s.io images import "$PAUSE" >/dev/null
tsnet cni install /opt/cni/bin tsnet loopback
mkdir -p /etc/cni/net.d
# Of several networks there containerd takes the one whose file comes first.
cp "$here/kubernetes.conflist" /etc/cni/net.d/10-kubernetes.conflist
until crictl info | jq -e '.status.conditions[] | select(.type == "NetworkReady").status' >/dev/null; do sleep 0.1; done

pod=$(crictl runp "$here/pod.json")
address=$(crictl inspectp "$pod" | jq -r .status.network.ip)
echo "$address"
# The server needs a moment until it listens.
until curl -s "http://$address/"; do sleep 0.1; done
curl -s http://127.0.0.1:8080/
tsnet ps --format '{{.Networks}} {{.Ports}}'
crictl stopp "$pod" | cut -d ' ' -f 1,2
crictl rmp "$pod" | cut -d ' ' -f 1,2
ip -o link show master cni0
tsnet ps --format '{{.Networks}} {{.Ports}}'
# Output:
# /opt/cni/bin/tsnet-cni-client
# /opt/cni/bin/tsnet
# /opt/cni/bin/loopback
# 10.244.1.2
# hello
# hello
# kubernetes 0.0.0.0:8080->80/tcp
# Stopped sandbox
# Removed sandbox
