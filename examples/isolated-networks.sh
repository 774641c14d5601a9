#!/bin/sh
# Two networks: members of one reach each other, members of two do not.
set -eu
tsnet network create --subnet 10.30.0.0/24 front >/dev/null
tsnet network create --subnet 10.40.0.0/24 back >/dev/null
tsnet run -d --name alice --net=front --ip 10.30.0.10 busybox sleep 60 >/dev/null
tsnet run -d --name bob --net=front --ip 10.30.0.11 busybox sleep 60 >/dev/null
tsnet run -d --name carol --net=back --ip 10.40.0.10 busybox sleep 60 >/dev/null
reach() { tsnet exec "$1" ping -c 1 -W 1 "$2" >/dev/null && echo "$1 reaches $2" || echo "$1 does not reach $2"; }
reach alice 10.30.0.11
reach alice 10.40.0.10
tsnet rm -f alice bob carol >/dev/null
tsnet network rm front back
# Output:
# alice reaches 10.30.0.11
# alice does not reach 10.40.0.10
# front
# back
