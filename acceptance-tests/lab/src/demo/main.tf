terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

variable "protected" {
  default = true
}

variable "zone_id" {
  default = null # no load balancer
}

variable "lb_cidrs" {
  default = ["10.0.0.0/8"]
}

provider "e2etls" {
  owner_id = "demo"
}

resource "e2etls_private_ca" "ca" {
  name                = "demo"
  type                = "ROOT"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = { common_name = "Demo root" }
  validity_days       = 3650
  deletion_protection = var.protected
}

resource "e2etls_stack" "shop" {
  name                = "shop"
  namespace           = "shop"
  hostnames           = ["shop.example.com"]
  app                 = { selector = { app = "shop" }, port = 8080 }
  ca_arn              = e2etls_private_ca.ca.arn
  deletion_protection = var.protected
  proxy = {
    mode      = "gateway"
    isolation = { mode = "enforce", lb_cidrs = var.lb_cidrs }
    min_ready = "2s" # the lab's load balancer is quick
    pod       = { pre_stop = "10s" }
  }
  edge = var.zone_id == null ? null : { kind = "alb", scheme = "internet-facing", deregistration_delay = "5s", healthcheck = { interval = "5s" } }
  dns  = var.zone_id == null ? null : { zone_id = var.zone_id }
}

output "ca_pem" {
  value = e2etls_private_ca.ca.certificate_pem
}
