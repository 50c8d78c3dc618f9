# terraform test: applies to the cluster in KUBE_CONFIG_PATH and the AWS account of your credentials, then destroys it all.

variables {
  image               = "e2etls.lab/hello"
  root_ca_arn         = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566"
  deletion_protection = false
}

run "the_verdict_is_known_before_anything_exists" {
  command = plan

  assert {
    condition     = output.expected_verdict == "confined"
    error_message = "The verdict is ${output.expected_verdict}."
  }
  assert {
    condition     = alltrue([for hop in output.expected_hops : hop.from == "client" || hop.confined == "yes"])
    error_message = "The hops are ${jsonencode(output.expected_hops)}."
  }
}

run "root" {
  module {
    source = "./tests/root"
  }
}

run "it_applies" {
  variables {
    root_ca_arn = run.root.arn
  }

  assert {
    condition     = e2etls_private_ca.prod.status == "ACTIVE"
    error_message = "The CA is ${e2etls_private_ca.prod.status}."
  }
}
