#!/bin/sh
# A real dockerd runs its networks on tsnet, also after `tsnet serve` was killed. Nothing is left at the end.
#
# Needs root, a running dockerd, an image called busybox in it, and tsnet on PATH.
set -eu
log=$(mktemp)
trap 'kill "$serve" 2>/dev/null || :; rm -f "$log"' EXIT

start_serve() {
  tsnet serve 2>>"$log" &
  serve=$!
  until curl -s --unix-socket /run/docker/plugins/tsnet.sock http://tsnet/healthz >/dev/null; do sleep 0.1; done
}
run() { echo "\$ $*"; "$@"; }
quiet() { echo "\$ $*"; "$@" >/dev/null; }
# The server needs a moment until it listens.
fetch() { echo "\$ curl $1"; curl -sS --retry 5 --retry-connrefused --retry-delay 1 "$1"; }

start_serve
quiet docker network create -d tsnet --ipam-driver tsnet --subnet 10.210.0.0/24 blue
quiet docker run -d --network blue --name web -p 8080:80 busybox sh -c 'mkdir /www; echo hello >/www/index.html; exec httpd -f -p 80 -h /www'
quiet docker run -d --network blue --name peer busybox sleep 600
fetch http://127.0.0.1:8080/
echo '$ docker exec peer ping -c 1 web'
docker exec peer ping -c 1 web | sed -n 's/ time=.*//p; /packets/p'
# Docker tells names after the container has started.
until tsnet port web >/dev/null 2>&1; do sleep 0.1; done
run tsnet port web
echo '$ kill -9 (tsnet serve)'
kill -9 "$serve"
wait "$serve" 2>/dev/null || :
fetch http://127.0.0.1:8080/
start_serve
echo '$ docker exec peer ping -c 1 web    # tsnet serve is back'
docker exec peer ping -c 1 web | sed -n 's/ time=.*//p; /packets/p'
run docker rm -f web peer
run docker network rm blue
echo '$ ip link, of tsnet'
ip -br link | grep -E '^(tsbr|ts[0-9a-f]{10})' || echo none
# Output:
# $ docker network create -d tsnet --ipam-driver tsnet --subnet 10.210.0.0/24 blue
# $ docker run -d --network blue --name web -p 8080:80 busybox sh -c mkdir /www; echo hello >/www/index.html; exec httpd -f -p 80 -h /www
# $ docker run -d --network blue --name peer busybox sleep 600
# $ curl http://127.0.0.1:8080/
# hello
# $ docker exec peer ping -c 1 web
# 64 bytes from 10.210.0.2: seq=0 ttl=64
# 1 packets transmitted, 1 packets received, 0% packet loss
# $ tsnet port web
# 80/tcp -> 0.0.0.0:8080
# $ kill -9 (tsnet serve)
# $ curl http://127.0.0.1:8080/
# hello
# $ docker exec peer ping -c 1 web    # tsnet serve is back
# 64 bytes from 10.210.0.2: seq=0 ttl=64
# 1 packets transmitted, 1 packets received, 0% packet loss
# $ docker rm -f web peer
# web
# peer
# $ docker network rm blue
# blue
# $ ip link, of tsnet
# none
