# From a new EKS Auto Mode cluster to an application behind TLS: CA, platform, load balancer, DNS records.
#
# For an easy start, this configuration holds all three: account, cluster and application. In production, keep the CA and the
# platform in separate states, because applications change more often.
#
# EKS Auto Mode does not create an IngressClass: first create one named `alb`, with the controller `eks.amazonaws.com/alb`.
terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

provider "e2etls" {
  owner_id = "payments/dev"
  cluster  = { name = "dev" }
}

variable "zone_id" {
  description = "The public hosted zone of example.com."
  type        = string
}

variable "lb_cidrs" {
  description = "The subnets of the load balancer."
  type        = list(string)
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic to notify if the public certificate is about to expire because its renewal failed."
  type        = string
}

# The account.

resource "e2etls_private_ca" "dev" {
  name                = "dev"
  type                = "ROOT"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = { common_name = "dev root" }
  validity_days       = 3650
  deletion_protection = false # development only
}

# The cluster.

resource "e2etls_platform" "this" {
  ca_arns             = [e2etls_private_ca.dev.arn]
  deletion_protection = false # development only

  addons = { # `aws eks describe-addon-versions` lists the versions
    cert_manager         = "v1.20.3-eksbuild.1"
    private_ca_connector = "v1.10.1-eksbuild.1"
  }
}

# The application.

resource "e2etls_stack" "shop" {
  platform            = e2etls_platform.this.id
  name                = "shop"
  namespace           = "shop"
  create_namespace    = true
  hostnames           = ["shop.example.com"]
  app                 = { image = "registry.example.com/shop:1", port = 8080 }
  ca_arn              = e2etls_private_ca.dev.arn
  deletion_protection = false # development only

  proxy = {
    mode      = "gateway"
    isolation = { mode = "enforce", lb_cidrs = var.lb_cidrs }
  }

  edge = {
    kind   = "alb"
    scheme = "internet-facing"
  }

  # ACM also validates the load balancer's public certificate, which is part of the stack, through this zone.
  dns   = { zone_id = var.zone_id }
  alarm = { actions = [var.alarm_topic_arn] }
}

output "hops" {
  value = e2etls_stack.shop.expected_hops
}
