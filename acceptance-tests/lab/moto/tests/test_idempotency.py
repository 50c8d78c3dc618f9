"""Idempotency tokens, which time out after five minutes.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_CreateCertificateAuthority.html
https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
"""

from uuid import uuid4

from private_ca import csr, parse, refused


def token():
    return uuid4().hex


def test_creation_is_repeated_without_a_second_authority(pca):
    same = token()
    arn = pca.create(IdempotencyToken=same)
    assert pca.create(IdempotencyToken=same) == arn
    assert pca.create(IdempotencyToken=token()) != arn
    assert pca.create() != pca.create()


def test_creation_returns_an_authority_that_was_deleted_meanwhile(pca):
    same = token()
    arn = pca.pending(IdempotencyToken=same)
    pca.delete(arn)
    assert pca.create(IdempotencyToken=same) == arn
    assert pca.status(arn) == "DELETED"


def test_tokens_are_of_a_region(pca, connect):
    same = token()
    arn = pca.create(IdempotencyToken=same)
    elsewhere = type(pca)(pca.endpoint, connect(region="us-east-1"))
    assert elsewhere.create(IdempotencyToken=same) != arn


def test_first_request_wins(pca, root):
    same = token()
    first = pca.issue(root, csr("first.example"), IdempotencyToken=same)
    assert pca.issue(root, csr("second.example"), IdempotencyToken=same) == first
    assert parse(pca.certificate(first)[0]).subject.rfc4514_string() == "CN=first.example"


def test_issuing_tokens_are_of_an_authority(pca, root):
    same = token()
    first = pca.issue(root, IdempotencyToken=same)
    assert pca.issue(pca.root(), IdempotencyToken=same) != first


def test_tokens_time_out(pca):
    creating, issuing = token(), token()
    arn = pca.root(IdempotencyToken=creating)
    first = pca.issue(arn, IdempotencyToken=issuing)
    pca.control(arn, "forget")
    assert pca.create(IdempotencyToken=creating) != arn
    assert pca.issue(arn, IdempotencyToken=issuing) != first


def test_token_has_at_most_36_characters(pca):
    with refused("ValidationException", "idempotencyToken"):
        pca.create(IdempotencyToken="t" * 37)
