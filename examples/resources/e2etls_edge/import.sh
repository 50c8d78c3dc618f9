terraform import e2etls_edge.shop shop/shop
