resource "e2etls_stack" "shop" {
  name      = "shop"
  namespace = "shop"
  hostnames = ["shop.example.com"]
  app       = { selector = { app = "shop" }, port = 8080 }
  ca_arn    = e2etls_private_ca.dev.arn
  proxy     = { mode = "gateway", isolation = { mode = "enforce", lb_cidrs = ["10.0.0.0/20"] } }
}
