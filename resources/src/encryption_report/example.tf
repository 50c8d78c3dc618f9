data "e2etls_encryption_report" "shop" {
  scope            = { stack = { namespace = e2etls_stack.shop.namespace, name = e2etls_stack.shop.name } }
  expected_verdict = e2etls_stack.shop.expected_verdict
}

check "encryption" {
  assert {
    condition     = data.e2etls_encryption_report.shop.matches_expectation
    error_message = join("\n", data.e2etls_encryption_report.shop.findings)
  }
}

output "encryption" {
  value = data.e2etls_encryption_report.shop.verdict
}
