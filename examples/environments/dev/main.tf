# The development environment: a CA of its own, certificates for a week at most, and no deletion protection.

terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

provider "e2etls" {
  owner_id = "shop/dev" # unique per state
  # Null: the cluster in KUBE_CONFIG_PATH.
  cluster = var.cluster_name == null ? null : { name = var.cluster_name }
}

variable "cluster_name" {
  description = "Name of the EKS cluster. If null, the cluster in KUBE_CONFIG_PATH is used."
  type        = string
  default     = null
}

variable "app" {
  description = "The application, in the format of the module's variable of the same name."
  type        = any
  default     = { selector = { app = "shop" }, port = 8080 }
}

resource "e2etls_private_ca" "dev" {
  name                = "shop-dev"
  type                = "ROOT"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = { common_name = "Shop dev root" }
  validity_days       = 3650
  deletion_protection = false
}

module "shop" {
  source = "../../modules/e2e-tls"

  name                = "shop"
  namespace           = "shop-dev"
  create_namespace    = true
  hostnames           = ["shop.dev.example.com"]
  app                 = var.app
  ca_arn              = e2etls_private_ca.dev.arn
  lb_cidrs            = ["10.0.0.0/20"]
  proxy_replicas      = 1
  deletion_protection = false
}

output "expected_verdict" {
  value = module.shop.expected_verdict
}

output "expected_hops" {
  value = module.shop.expected_hops
}
