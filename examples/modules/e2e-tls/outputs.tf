output "expected_verdict" {
  description = "Weakest verdict of all hops. Known in the plan."
  value       = e2etls_stack.this.expected_verdict
}

output "expected_hops" {
  description = "Each hop with its facets and what they are based on. Known in the plan."
  value       = e2etls_stack.this.expected_hops
}

output "id" {
  description = "ID of the stack."
  value       = e2etls_stack.this.id
}
