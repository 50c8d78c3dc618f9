data "e2etls_cluster" "this" {}

output "cluster_uid" {
  value = data.e2etls_cluster.this.uid
}
