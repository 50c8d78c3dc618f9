resource "e2etls_platform" "this" {
  ca_arns = [e2etls_private_ca.dev.arn]

  addons = {
    cert_manager         = "v1.20.3-eksbuild.1"
    private_ca_connector = "v1.10.1-eksbuild.1"
  }
}

resource "e2etls_issuer" "dev" {
  platform = e2etls_platform.this.id
  name     = "dev"
  kind     = "AWSPCAClusterIssuer"
  ca_arn   = e2etls_private_ca.dev.arn
}

resource "e2etls_private_ca" "dev" {
  name          = "dev"
  type          = "ROOT"
  usage_mode    = "SHORT_LIVED_CERTIFICATE"
  subject       = { common_name = "dev root" }
  validity_days = 3650
}
