terraform import e2etls_certificate.shop shop/shop
