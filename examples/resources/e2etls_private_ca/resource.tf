resource "e2etls_private_ca" "dev" {
  name                = "dev"
  type                = "ROOT"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = { common_name = "dev root" }
  validity_days       = 3650
  deletion_protection = false # development only
}
