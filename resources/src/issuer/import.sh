terraform import e2etls_issuer.shop shop/shop
