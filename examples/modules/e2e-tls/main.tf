# One application behind TLS, the same in every environment. Whatever differs between environments is a variable.

terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

resource "e2etls_stack" "this" {
  name             = var.name
  namespace        = var.namespace
  create_namespace = var.create_namespace
  hostnames        = var.hostnames
  app              = var.app
  ca_arn           = var.ca_arn

  proxy = {
    mode      = var.sidecar ? "sidecar" : "gateway"
    replicas  = var.sidecar ? null : var.proxy_replicas
    isolation = { mode = "enforce", lb_cidrs = var.lb_cidrs, allow_from = var.allow_from }
  }

  deletion_protection = var.deletion_protection

  lifecycle {
    # Known in the plan: a configuration that sends plain text over the network fails before the apply.
    postcondition {
      condition     = contains(["authenticated", "encrypted", "confined"], self.expected_verdict)
      error_message = "A hop to ${var.name} would be ${self.expected_verdict}. See expected_hops."
    }
  }
}
