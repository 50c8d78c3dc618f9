#!/bin/sh
# Prepares what nginx.conf includes, then becomes NGINX. With the argument "test" it only checks the configuration.
#
# The configuration is copied, so that a later version of it reaches a running Pod only with a new Pod.
set -eu

cat /etc/e2etls/config/nginx.conf >/run/e2etls/nginx.conf

# The name servers of the Pod. IPv6 addresses are asked for only where the Pod's own network is IPv6.
case $POD_IP in
*:*) families="" self="[$POD_IP]" ;;
*) families=" ipv6=off" self=$POD_IP ;;
esac
awk -v families="$families" '
  $1 == "nameserver" { servers = servers " " (gsub(/:/, ":", $2) > 1 ? "[" $2 "]" : $2) }
  END {
    if (servers == "") exit 1
    print "resolver" servers " valid=10s" families ";"
  }
' /etc/resolv.conf >/run/e2etls/resolver.conf

# "listen" of nginx.conf is IPv4; the same for IPv6 where the Pod has such an address.
: >/run/e2etls/listen.conf
case $POD_IP in
*:*) sed -n 's/^ *listen 8443 /listen [::]:8443 /p' /run/e2etls/nginx.conf >/run/e2etls/listen.conf ;;
esac

# Behind a PROXY header the probes, which can't send one, have a port that answers nothing but a handshake.
: >/run/e2etls/probe.conf
if [ "$E2ETLS_PROBE_PORT" != 8443 ]; then
  echo "server { listen $self:$E2ETLS_PROBE_PORT ssl; access_log off; return 204; }" >/run/e2etls/probe.conf
fi

# Marks of an earlier run of this container.
: >/run/e2etls/nginx.pid
: >/run/e2etls/mismatch

if [ "${1:-}" = test ]; then
  exec nginx -e stderr -c /run/e2etls/nginx.conf -t
fi

# A rotation from here on is seen: what is mounted is read before NGINX reads it.
mounted=$(readlink /etc/e2etls/tls/..data)
sh /etc/e2etls/config/reload.sh "$$" "$mounted" &
exec nginx -e stderr -c /run/e2etls/nginx.conf -g "daemon off;"
