#!/bin/sh
# A web server in a container, published on port 8080 of the host.
set -eu
tsnet run -d --name web -p 8080:80 busybox sh -c 'mkdir /www; echo hello >/www/index.html; exec httpd -f -p 80 -h /www' >/dev/null
tsnet port web
# The server needs a moment until it listens.
until curl -s http://127.0.0.1:8080/; do sleep 0.1; done
tsnet rm -f web
# Output:
# 80/tcp -> 0.0.0.0:8080
# hello
# web
