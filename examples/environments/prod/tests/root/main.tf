# The company's root CA, which production knows only by its ARN.

terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

provider "e2etls" {
  owner_id = "company"
}

resource "e2etls_private_ca" "root" {
  name                = "company"
  type                = "ROOT"
  usage_mode          = "GENERAL_PURPOSE"
  subject             = { common_name = "Company root" }
  validity_days       = 7300
  deletion_protection = false
}

output "arn" {
  value = e2etls_private_ca.root.arn
}
