data "e2etls_encryption_report" "shop" {
  scope            = { stack = { namespace = "shop", name = "shop" } }
  expected_verdict = e2etls_stack.shop.expected_verdict

  # Otherwise it is made while planning, before the stack has changed.
  depends_on = [e2etls_stack.shop]
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
