resource "e2etls_private_ca" "shop" {
  name          = "shop"
  type          = "ROOT"
  usage_mode    = "SHORT_LIVED_CERTIFICATE"
  subject       = { common_name = "Shop root" }
  validity_days = 3650
}

resource "e2etls_stack" "shop" {
  name      = "shop"
  namespace = "shop"
  hostnames = ["shop.example.com"]
  app       = { selector = { app = "shop" }, port = 8080 } # Pods that serve plain HTTP
  ca_arn    = e2etls_private_ca.shop.arn
  proxy     = { mode = "gateway", isolation = { mode = "enforce", lb_cidrs = ["10.0.0.0/20"] } }
}
