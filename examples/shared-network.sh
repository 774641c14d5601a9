#!/bin/sh
# A helper beside a service: both have the same network, so the helper reaches it on 127.0.0.1.
set -eu
tsnet run -d --name service --net=none busybox sh -c 'while :; do echo 42 | nc -l -p 9000; done' >/dev/null
until tsnet run --rm --net=container:service busybox nc 127.0.0.1 9000; do sleep 0.1; done
tsnet rm -f service
# Output:
# 42
# service
