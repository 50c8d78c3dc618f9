#!/bin/sh
# Startup probe: NGINX serves the mounted certificate.
set -u
. /etc/e2etls/config/certificate.sh

served=$(served_certificate | fingerprint 2>/dev/null)
mounted=$(fingerprint </etc/e2etls/tls/tls.crt 2>/dev/null)
if [ -z "$served" ]; then
  echo "no TLS handshake on $POD_IP:$E2ETLS_PROBE_PORT"
  exit 1
fi
if [ "$served" != "$mounted" ]; then
  echo "NGINX serves $served, mounted is ${mounted:-no certificate}"
  exit 1
fi
