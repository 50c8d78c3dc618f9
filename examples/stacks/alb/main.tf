# An application behind an Application Load Balancer: client, load balancer, proxy and application, with a name in Route 53.
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

resource "e2etls_public_certificate" "shop" {
  name   = "shop"
  domain = "shop.example.com"
  dns    = { zones = { "example.com" = var.zone_id } }
}

resource "e2etls_stack" "shop" {
  name      = "shop"
  namespace = "shop"
  hostnames = ["shop.example.com"]
  app       = { selector = { app = "shop" }, port = 8080 }
  ca_arn    = var.ca_arn

  proxy = {
    mode      = "gateway"
    isolation = { mode = "enforce", lb_cidrs = var.lb_cidrs }
    min_ready = "30s"
    pod       = { pre_stop = "30s" }
  }

  edge = {
    kind                 = "alb"
    scheme               = "internet-facing"
    certificate_arns     = [e2etls_public_certificate.shop.arn]
    deregistration_delay = "60s"
  }

  dns = { zone_id = var.zone_id }
}

output "hops" {
  value = e2etls_stack.shop.expected_hops
}
