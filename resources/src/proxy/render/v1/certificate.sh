# Functions of the probes: the certificate that NGINX serves on the Pod's own address, and the mounted one.

served_certificate() {
  case $POD_IP in
  *:*) self="[$POD_IP]" ;;
  *) self=$POD_IP ;;
  esac
  openssl s_client -connect "$self:$E2ETLS_PROBE_PORT" -servername "$E2ETLS_SERVER_NAME" </dev/null 2>/dev/null |
    openssl x509 2>/dev/null
}

# SHA-256 of the first certificate on standard input.
fingerprint() {
  openssl x509 -noout -fingerprint -sha256
}

# Seconds since 1970 of a line such as "notAfter=Nov  1 05:00:00 2026 GMT".
epoch() {
  awk '{
    sub(/^[^=]*=/, "")
    split($3, time, ":")
    month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", $1) + 2) / 3
    year = month > 2 ? $4 : $4 - 1
    era = int(year / 400)
    of_era = year - era * 400
    day = int((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + $2 - 1
    days = era * 146097 + of_era * 365 + int(of_era / 4) - int(of_era / 100) + day - 719468
    printf "%.0f\n", days * 86400 + time[1] * 3600 + time[2] * 60 + time[3]
  }'
}
