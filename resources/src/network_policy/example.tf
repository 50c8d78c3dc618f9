data "e2etls_cluster" "this" {}

resource "e2etls_network_policy" "shop" {
  name         = "shop"
  namespace    = "shop"
  mode         = "enforce"
  app          = { selector = { app = "shop" }, port = 8443 }
  lb_cidrs     = ["10.0.16.0/20", "10.0.32.0/20"]
  default_deny = "all"

  allow_from = [{
    namespaces = { "kubernetes.io/metadata.name" = "monitoring" }
    ports      = [9090]
  }]
  allow_to = [{
    cidrs = ["10.0.64.0/20"]
    ports = [5432]
  }]

  # EKS Auto Mode runs the name servers outside of Pods.
  dns_cidrs = ["${data.e2etls_cluster.this.dns_ip}/32"]
}
