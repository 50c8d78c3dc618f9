# An application whose TLS nobody terminates on the way: a Network Load Balancer passes connections on to a proxy beside the
# application, which takes TLS 1.3 only. Clients have to trust the CA.
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
  description = "The private hosted zone of internal.example.com."
  type        = string
}

variable "lb_cidrs" {
  description = "The subnets of the load balancer."
  type        = list(string)
}

resource "e2etls_stack" "cards" {
  name      = "cards"
  namespace = "cards"
  hostnames = ["cards.internal.example.com"]
  app       = { image = "registry.example.com/cards:7", port = 8080, min_ready = "3m" }
  ca_arn    = var.ca_arn

  proxy = {
    mode      = "sidecar"
    tls       = { profile = "modern" }
    http      = { proxy_protocol = true }
    isolation = { mode = "enforce", lb_cidrs = var.lb_cidrs }
    pod       = { pre_stop = "30s" }
  }

  edge = {
    kind           = "nlb_passthrough"
    proxy_protocol = true
  }

  dns = { zone_id = var.zone_id }
}

output "verdict" {
  value = e2etls_stack.cards.expected_verdict
}
