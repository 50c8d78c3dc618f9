terraform import e2etls_stack.shop shop/shop
