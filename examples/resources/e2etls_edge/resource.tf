variable "certificate_arn" {
  description = "ARN of an issued certificate for shop.example.com in ACM, such as that of an e2etls_public_certificate."
  type        = string
}

resource "e2etls_issuer" "apps" {
  name   = "apps"
  kind   = "AWSPCAClusterIssuer"
  ca_arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566"
}

resource "e2etls_proxy" "shop" {
  name         = "shop"
  namespace    = "shop"
  mode         = "gateway"
  server_names = ["shop.example.com"]
  upstream     = { selector = { app = "shop" }, port = 8080 }
  certificate  = { issuer = e2etls_issuer.apps.ref }

  # The subnets of the load balancer.
  isolation = { mode = "enforce", lb_cidrs = ["10.0.0.0/20", "10.0.16.0/20"] }
}

resource "e2etls_edge" "shop" {
  name             = "shop"
  namespace        = "shop"
  kind             = "alb"
  scheme           = "internet-facing"
  certificate_arns = [var.certificate_arn]

  routes = {
    "shop.example.com" = { service = e2etls_proxy.shop.service.name }
  }

  # More than the proxy's longest timeout.
  idle_timeout = "120s"
}
