terraform import e2etls_platform.this kube-system/platform
