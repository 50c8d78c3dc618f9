resource "e2etls_private_ca" "shop" {
  name          = "shop"
  type          = "ROOT"
  usage_mode    = "SHORT_LIVED_CERTIFICATE"
  subject       = { common_name = "Shop root" }
  validity_days = 3650
}

resource "e2etls_stack" "shop" {
  name      = "shop"
  namespace = "shop"
  hostnames = ["shop.example.com"]
  app       = { selector = { app = "shop" }, port = 8080 }
  ca_arn    = e2etls_private_ca.shop.arn
  proxy     = { mode = "gateway", isolation = { mode = "enforce", lb_cidrs = ["10.0.0.0/20"] } }
}

data "e2etls_encryption_report" "shop" {
  scope            = { stack = { namespace = "shop", name = "shop" } }
  expected_verdict = e2etls_stack.shop.expected_verdict

  # Otherwise, the report is read during the plan, before the stack has changed.
  depends_on = [e2etls_stack.shop]
}

check "encryption" {
  assert {
    condition     = data.e2etls_encryption_report.shop.matches_expectation && length(data.e2etls_encryption_report.shop.incomplete) == 0
    error_message = join("\n", concat(data.e2etls_encryption_report.shop.findings, data.e2etls_encryption_report.shop.incomplete))
  }
}

output "encryption" {
  value = data.e2etls_encryption_report.shop.verdict
}
