#!/bin/sh
# Loads each renewed certificate. Arguments: process id of NGINX, what was mounted when NGINX started.
#
# kubelet swaps the link "..data" of the mounted Secret in one step. A configuration that "nginx -t" refuses is never
# loaded: NGINX goes on with what it has, the refusal is logged once, and the test is repeated every ten seconds.
set -u
nginx=$1
loaded=$2
refused=""
reported=0

say() {
  echo "e2etls: $*" >&2
}

reload() {
  if why=$(nginx -e stderr -c /run/e2etls/nginx.conf -t -q 2>&1); then
    kill -HUP "$nginx" && loaded=$1 refused="" && say "loaded the certificate of $1"
    return
  fi
  [ "$refused" = "$1" ] || say "kept the old certificate, as NGINX refuses the one of $1: $why"
  refused=$1
  sleep 9
}

# The readiness probe writes into "mismatch" since when NGINX serves another certificate than the mounted one.
check_mismatch() {
  since=$(cat /run/e2etls/mismatch 2>/dev/null)
  now=$(date +%s)
  [ -n "$since" ] && [ $((now - since)) -ge 60 ] && [ $((now - reported)) -ge 60 ] || return 0
  reported=$now
  say "NGINX has served another certificate than the mounted one for $((now - since)) s"
  loaded=""
}

while kill -0 "$nginx" 2>/dev/null; do
  sleep 1
  # Before NGINX has written its process id it has no handler for the signal.
  [ -s /run/e2etls/nginx.pid ] || continue
  check_mismatch
  mounted=$(readlink /etc/e2etls/tls/..data) || continue
  [ "$mounted" = "$loaded" ] || reload "$mounted"
done
