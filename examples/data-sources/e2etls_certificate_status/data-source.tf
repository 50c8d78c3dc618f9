data "e2etls_certificate_status" "shop" {
  namespace = "shop"
  name      = "shop"
}

check "certificate" {
  assert {
    condition     = coalesce(data.e2etls_certificate_status.shop.verified, false)
    error_message = "The certificate of the shop does not verify: ${coalesce(data.e2etls_certificate_status.shop.verify_error, "nothing was issued")}"
  }
}
