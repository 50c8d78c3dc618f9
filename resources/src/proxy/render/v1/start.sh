#!/bin/sh
# Prepares what nginx.conf includes, then becomes NGINX. With the argument "test" it only checks the configuration.
#
# The configuration is copied, so that a later version of it reaches a running Pod only with a new Pod.
set -eu

# "listen" of nginx.conf is IPv4; the same for IPv6 where the Pod has such an address.
case $POD_IP in
*:*) families="" ipv6='s/^\( *\)listen \([0-9]*\)\([a-z_ ]*;\)$/&\n\1listen [::]:\2\3/' ;;
*) families=" ipv6=off" ipv6="" ;;
esac
sed "$ipv6" /etc/e2etls/config/nginx.conf >/run/e2etls/nginx.conf

# The name servers of the Pod. IPv6 addresses are asked for only where the Pod's own network is IPv6.
awk -v families="$families" '
  $1 == "nameserver" { servers = servers " " (gsub(/:/, ":", $2) > 1 ? "[" $2 "]" : $2) }
  END {
    if (servers == "") exit 1
    print "resolver" servers " valid=10s" families ";"
  }
' /etc/resolv.conf >/run/e2etls/resolver.conf

# An app may read "X_Forwarded_For" or "X.Forwarded.For" as "X-Forwarded-For": no spelling of these headers reaches it, apart
# from what nginx.conf sets.
awk '
  function spell(head, rest,  at, joint) {
    at = index(rest, "-")
    if (at == 0) {
      if (head ~ /[_.]/) print "proxy_set_header " head rest " \"\";"
      return
    }
    for (joint = 1; joint <= length(joints); joint++)
      spell(head substr(rest, 1, at - 1) substr(joints, joint, 1), substr(rest, at + 1))
  }
  # The certificate of a client is for apps that read names as they are, or with underscores.
  { joints = ($1 ~ /^X-Amzn-/) ? "-_" : "-_."; spell("", $1) }
' /etc/e2etls/config/identity-headers >/run/e2etls/spellings.conf

# Hybrid post-quantum key exchange first, where the image's OpenSSL has it (3.5 and later).
groups=X25519:prime256v1:secp384r1
hybrid="ssl_ecdh_curve X25519MLKEM768:$groups;"
cat >/run/e2etls/groups-test.conf <<TEST
pid /run/e2etls/groups-test.pid;
events {
}
http {
  client_body_temp_path /tmp/client_body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen 8443 ssl;
    ssl_certificate /etc/e2etls/tls/tls.crt;
    ssl_certificate_key /etc/e2etls/tls/tls.key;
    $hybrid
  }
}
TEST
if nginx -e /dev/null -c /run/e2etls/groups-test.conf -t -q 2>/dev/null; then
  echo "$hybrid" >/run/e2etls/groups.conf
else
  echo "ssl_ecdh_curve $groups;" >/run/e2etls/groups.conf
fi

# Marks of an earlier run of this container.
: >/run/e2etls/nginx.pid
rm -f /run/e2etls/serving

if [ "${1:-}" = test ]; then
  exec nginx -e stderr -c /run/e2etls/nginx.conf -t
fi

# A rotation from here on is seen: what is mounted is read before NGINX reads it.
. /etc/e2etls/config/mounted.sh
sh /etc/e2etls/config/reload.sh "$$" "$(mounted)" &
exec nginx -e stderr -c /run/e2etls/nginx.conf -g "daemon off;"
