#!/bin/sh
# podman with its CNI backend, every reference plugin replaced by tsnet's of the same name; podman's own configuration stays as it is.
# ROOTFS is a root file system with busybox.
set -eu
tsnet cni install /opt/cni/bin --all | wc -l
podman network create blue
podman run -d --name web --network blue -p 8080:80 --rootfs "$ROOTFS" sh -c 'echo hello >/tmp/index.html; exec httpd -f -p 80 -h /tmp' >/dev/null
# The server needs a moment until it listens.
until curl -s http://127.0.0.1:8080/; do sleep 0.1; done
tsnet ps --format '{{.Networks}} {{.Ports}}'
podman run --rm --network blue --rootfs "$ROOTFS" ip -o -4 addr show eth0
podman rm -f -t 0 web
tsnet ps --format '{{.Networks}} {{.Ports}}'
# Output:
# 10
# blue
# hello
# blue 0.0.0.0:8080->80/tcp
# 2: eth0    inet 10.89.0.3/24 scope global eth0\       valid_lft forever preferred_lft forever
# web
