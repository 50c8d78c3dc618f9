#!/bin/sh
# Loads each renewed certificate, and says whether NGINX serves the mounted one. Arguments: process id of NGINX, what was
# mounted when NGINX started.
#
# The file "serving" is there while NGINX has been seen to serve a mounted certificate that has not expired; probes ask for
# it. A configuration that "nginx -t" refuses is never loaded: NGINX goes on with what it has, the refusal is logged once,
# and the test is repeated every ten seconds.
set -u
. /etc/e2etls/config/mounted.sh
nginx=$1
loaded=$2
refused=""
confirmed=""
unconfirmed=0
seconds=0

say() {
  echo "e2etls: $*" >&2
}

fingerprint() {
  openssl x509 -noout -fingerprint -sha256 2>/dev/null
}

# The certificate that NGINX serves on the Pod's own address.
served_certificate() {
  case $POD_IP in
  *:*) self="[$POD_IP]" ;;
  *) self=$POD_IP ;;
  esac
  openssl s_client -connect "$self:$E2ETLS_PROBE_PORT" -servername "$E2ETLS_SERVER_NAME" </dev/null 2>/dev/null |
    openssl x509 2>/dev/null
}

reload() {
  if why=$(nginx -e stderr -c /run/e2etls/nginx.conf -t -q 2>&1); then
    kill -HUP "$nginx" && loaded=$1 refused="" && say "loading what was mounted as" $1
    return
  fi
  [ "$refused" = "$1" ] || say "kept the old certificate, as NGINX refuses what was mounted as" $1: "$why"
  refused=$1
  sleep 9
}

# An old worker may still answer for a moment. After a minute NGINX is told again.
confirm() {
  served_certificate >/run/e2etls/served.new
  served=$(fingerprint </run/e2etls/served.new)
  mounted_now=$(fingerprint </etc/e2etls/tls/tls.crt)
  if [ -n "$served" ] && [ "$served" = "$mounted_now" ]; then
    mv /run/e2etls/served.new /run/e2etls/served.pem
    confirmed=$loaded unconfirmed=0
    check_expiry
    return
  fi
  unconfirmed=$((unconfirmed + 1))
  if [ $((unconfirmed % 60)) = 0 ]; then
    say "NGINX has served another certificate than the mounted one for $unconfirmed s: ${served:-no TLS handshake}"
    loaded=""
  fi
}

check_expiry() {
  if openssl x509 -noout -checkend 0 -in /run/e2etls/served.pem >/dev/null; then
    [ -e /run/e2etls/serving ] || : >/run/e2etls/serving
  elif [ -e /run/e2etls/serving ]; then
    say "the served certificate has expired"
    rm /run/e2etls/serving
  fi
}

while kill -0 "$nginx" 2>/dev/null; do
  # Before NGINX has written its process id it has no handler for the signal.
  if [ -s /run/e2etls/nginx.pid ]; then
    now=$(mounted) || now=$loaded
    [ "$now" = "$loaded" ] || reload "$now"
    [ "$confirmed" = "$loaded" ] || confirm
    seconds=$((seconds + 1))
    [ $((seconds % 60)) != 0 ] || [ -z "$confirmed" ] || check_expiry
  fi
  sleep 1
done
