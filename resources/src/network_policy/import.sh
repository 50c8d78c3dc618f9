terraform import e2etls_network_policy.shop shop/shop
