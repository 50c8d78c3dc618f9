terraform import e2etls_public_certificate.shop arn:aws:acm:eu-central-1:111122223333:certificate/11223344-1234-1122-2233-112233445566
