terraform {
  required_providers {
    e2etls = { source = "e2etls/e2etls" }
  }
}

provider "e2etls" {
  owner_id = "payments/${terraform.workspace}" # unique per state
  region   = "eu-central-1"
  cluster  = { name = "prod" }
}
