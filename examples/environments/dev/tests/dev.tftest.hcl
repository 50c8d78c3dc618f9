# terraform test: applies to the cluster in KUBE_CONFIG_PATH and the AWS account of your credentials, then destroys it all.

variables {
  app = { image = "e2etls.lab/hello", port = 8080, replicas = 1 }
}

run "the_verdict_is_known_before_anything_exists" {
  command = plan

  assert {
    condition     = output.expected_verdict == "confined"
    error_message = "The verdict is ${output.expected_verdict}."
  }
  assert {
    condition     = output.expected_hops[0].tls == "yes"
    error_message = "The first hop is ${jsonencode(output.expected_hops[0])}."
  }
}

run "it_applies" {
  assert {
    condition     = e2etls_private_ca.dev.status == "ACTIVE"
    error_message = "The CA is ${e2etls_private_ca.dev.status}."
  }
}
