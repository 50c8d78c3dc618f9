# Many applications behind one issuer and one load balancer.
terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

provider "e2etls" {
  owner_id = "payments/prod"
  cluster  = { name = "prod" }
}

variable "ca_arn" {
  description = "A CA of AWS Private CA."
  type        = string
}

variable "zone_id" {
  description = "The public hosted zone of example.com."
  type        = string
}

variable "lb_cidrs" {
  description = "The subnets of the load balancer."
  type        = list(string)
}

locals {
  apps = {
    shop = { port = 8080 }
    blog = { port = 3000 }
  }
}

resource "e2etls_issuer" "apps" {
  name      = "apps"
  kind      = "AWSPCAIssuer"
  namespace = "apps"
  ca_arn    = var.ca_arn
}

resource "e2etls_proxy" "app" {
  for_each = local.apps

  name         = each.key
  namespace    = "apps"
  mode         = "gateway"
  server_names = ["${each.key}.example.com"]
  upstream     = { selector = { app = each.key }, port = each.value.port }
  certificate  = { issuer = e2etls_issuer.apps.ref }
  isolation    = { mode = "enforce", lb_cidrs = var.lb_cidrs }
}

resource "e2etls_public_certificate" "apps" {
  name   = "apps"
  domain = "*.example.com"
  dns    = { zones = { "example.com" = var.zone_id } }
}

resource "e2etls_edge" "apps" {
  name             = "apps"
  namespace        = "apps"
  kind             = "alb"
  scheme           = "internet-facing"
  certificate_arns = [e2etls_public_certificate.apps.arn]
  routes           = { for name, proxy in e2etls_proxy.app : "${name}.example.com" => { service = proxy.service.name } }
}

output "hostname" {
  value = e2etls_edge.apps.hostname
}
