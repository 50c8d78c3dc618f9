resource "e2etls_public_certificate" "shop" {
  name   = "shop"
  domain = "shop.example.com"
  sans   = ["www.shop.example.com"]
  dns    = { zones = { "example.com" = "Z0123456789ABCDEFGHIJ" } }

  create_before_destroy = true
  lifecycle {
    create_before_destroy = true
  }
}
