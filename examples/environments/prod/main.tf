# The production environment: a subordinate CA below the company's root CA, the proxy as a sidecar, and deletion protection.

terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

provider "e2etls" {
  owner_id = "shop/prod" # unique per state
  # Null: the cluster in KUBE_CONFIG_PATH.
  cluster = var.cluster_name == null ? null : { name = var.cluster_name }
}

variable "cluster_name" {
  description = "Name of the EKS cluster. If null, the cluster in KUBE_CONFIG_PATH is used."
  type        = string
  default     = null
}

variable "root_ca_arn" {
  description = "ARN of the root CA that signs this environment's CA. Another account may share it."
  type        = string
}

variable "image" {
  description = "Image of the application, which serves plain HTTP on port 8080."
  type        = string
}

variable "deletion_protection" {
  description = "Whether plans that destroy or replace the CA or the stack are refused."
  type        = bool
  default     = true
}

resource "e2etls_private_ca" "prod" {
  name                = "shop-prod"
  type                = "SUBORDINATE"
  usage_mode          = "GENERAL_PURPOSE"
  subject             = { common_name = "Shop prod issuing CA" }
  parent_arn          = var.root_ca_arn
  validity_days       = 1825
  deletion_protection = var.deletion_protection
}

module "shop" {
  source = "../../modules/e2e-tls"

  name                = "shop"
  namespace           = "shop-prod"
  create_namespace    = true
  hostnames           = ["shop.example.com"]
  app                 = { image = var.image, port = 8080, replicas = 2 }
  sidecar             = true
  ca_arn              = e2etls_private_ca.prod.arn
  lb_cidrs            = ["10.0.16.0/20"]
  deletion_protection = var.deletion_protection
}

output "expected_verdict" {
  value = module.shop.expected_verdict
}

output "expected_hops" {
  value = module.shop.expected_hops
}
