terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

variable "protected" {
  default = true
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
  proxy               = { mode = "gateway", isolation = { mode = "enforce", lb_cidrs = ["10.0.0.0/8"] } }
  deletion_protection = var.protected
}

output "ca_pem" {
  value = e2etls_private_ca.ca.certificate_pem
}
