resource "e2etls_private_ca" "shop" {
  name          = "shop"
  type          = "ROOT"
  usage_mode    = "SHORT_LIVED_CERTIFICATE"
  subject       = { common_name = "Shop root" }
  validity_days = 3650
}

check "shop_serves_tls_only" {
  data "e2etls_tls_probe" "shop" {
    host   = "shop.example.com"
    ca_pem = e2etls_private_ca.shop.certificate_pem
  }

  assert {
    condition     = coalesce(data.e2etls_tls_probe.shop.verified, false) && data.e2etls_tls_probe.shop.plaintext == "refused"
    error_message = "The certificate of the shop does not verify, or the port answers plain HTTP."
  }
}
