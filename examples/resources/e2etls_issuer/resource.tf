variable "ca_arn" {
  description = "CA of AWS Private CA, of this account or shared by another."
  type        = string
}

resource "e2etls_issuer" "shop" {
  name      = "shop"
  kind      = "AWSPCAIssuer"
  namespace = "shop"
  ca_arn    = var.ca_arn
}

output "ca_bundle_pem" {
  value = e2etls_issuer.shop.ca_bundle_pem
}
