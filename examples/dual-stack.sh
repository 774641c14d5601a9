#!/bin/sh
# A network with IPv4 and IPv6.
set -eu
tsnet network create --ipv6 --subnet 10.50.0.0/24 --subnet fd5a:50::/64 dual >/dev/null
tsnet run --rm --net=dual --ip 10.50.0.5 --ip6 fd5a:50::5 busybox ip -o addr show dev eth0 scope global | awk '{ print $3, $4 }'
tsnet network rm dual
# Output:
# inet 10.50.0.5/24
# inet6 fd5a:50::5/64
# dual
