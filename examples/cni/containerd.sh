#!/bin/sh
# Containers of containerd on a network of tsnet, with containerd's own client; ROOTFS is a root file system with busybox.
set -eu
tsnet cni install /opt/cni/bin tsnet loopback
mkdir -p /etc/cni/net.d
cp "$(dirname "$0")/10-tsnet.conflist" /etc/cni/net.d/

ctr run --rm --cni --rootfs "$ROOTFS" one /bin/sh -c 'ip -o -4 addr show eth0; ip route'
ctr run --rm --cni --rootfs "$ROOTFS" two /bin/sh -c 'ip -o addr show eth0 scope global; ping -c 1 10.85.0.1' | grep -o 'inet6\? [^ ]*\|[0-9]*% packet loss'
tsnet network ls --format '{{.Name}}'
# Output:
# /opt/cni/bin/tsnet-cni-client
# /opt/cni/bin/tsnet
# /opt/cni/bin/loopback
# 2: eth0    inet 10.85.0.2/16 scope global eth0\       valid_lft forever preferred_lft forever
# default via 10.85.0.1 dev eth0 
# 10.85.0.0/16 dev eth0 scope link  src 10.85.0.2 
# inet 10.85.0.3/16
# inet6 fd85::3/64
# 0% packet loss
# host
# none
