provider "e2etls" {
  owner_id = terraform.workspace
  region   = "eu-central-1"
  cluster  = { name = "prod" }
}
