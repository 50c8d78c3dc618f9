# What is mounted now. kubelet swaps the link "..data" of a Secret in one step.
mounted() {
  readlink /etc/e2etls/tls/..data || return 1
  [ ! -e /etc/e2etls/client ] || readlink /etc/e2etls/client/..data
}
