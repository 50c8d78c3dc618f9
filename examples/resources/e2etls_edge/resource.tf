resource "e2etls_edge" "shop" {
  name             = "shop"
  namespace        = "shop"
  kind             = "alb"
  scheme           = "internet-facing"
  certificate_arns = [e2etls_public_certificate.shop.arn]

  routes = {
    "shop.example.com" = { service = e2etls_proxy.shop.service.name }
  }
  # More than the proxy's longest timeout.
  idle_timeout = "120s"
}
