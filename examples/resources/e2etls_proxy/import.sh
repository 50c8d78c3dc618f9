terraform import e2etls_proxy.shop shop/shop
