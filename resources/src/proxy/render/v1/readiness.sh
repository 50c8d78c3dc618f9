#!/bin/sh
# Readiness probe: a TLS handshake with a certificate that has not expired.
#
# Another certificate than the mounted one fails it only when less than a tenth of the served one's life is left: a reload
# that goes wrong everywhere at once would otherwise take every Pod out. Until then the reloader reports it.
set -u
. /etc/e2etls/config/certificate.sh

served=$(served_certificate)
if [ -z "$served" ]; then
  echo "no TLS handshake on $POD_IP:$E2ETLS_PROBE_PORT"
  exit 1
fi
now=$(date +%s)
begins=$(echo "$served" | openssl x509 -noout -startdate | epoch)
expires=$(echo "$served" | openssl x509 -noout -enddate | epoch)
if [ "$expires" -le "$now" ]; then
  echo "the served certificate has expired"
  exit 1
fi
if [ "$(echo "$served" | fingerprint)" = "$(fingerprint </etc/e2etls/tls/tls.crt 2>/dev/null)" ]; then
  : >/run/e2etls/mismatch
  exit 0
fi
[ -s /run/e2etls/mismatch ] || echo "$now" >/run/e2etls/mismatch
if [ $(((expires - now) * 10)) -lt $((expires - begins)) ]; then
  echo "NGINX serves another certificate than the mounted one, with $((expires - now)) s left"
  exit 1
fi
