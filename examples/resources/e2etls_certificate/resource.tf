resource "e2etls_issuer" "shop" {
  name      = "shop"
  kind      = "AWSPCAIssuer"
  namespace = "shop"
  ca_arn    = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566"
}

resource "e2etls_certificate" "shop" {
  name      = "shop"
  namespace = "shop"
  dns_names = ["shop.example.com"]
  issuer    = e2etls_issuer.shop.ref
  duration  = "144h"
}
