//! `--keep`: everything stays up, and how to use it.

use e2etls_lab::lab::{Context as _, Result};

use super::stage::{HOST, NAMESPACE, Stage, say};
use super::verify::Served;

/// Prints how to connect, and waits for Ctrl-C.
pub(crate) async fn running(stage: &Stage, served: &Served) -> Result<()> {
    let folder = stage.terraform.path().display();
    say("\nEverything stays up until Ctrl-C.\n\nkubectl, as admin:");
    say(&format!(
        "  export KUBECONFIG={}",
        stage.lab.endpoints().kube_admin_kubeconfig.display()
    ));
    say(&format!(
        "  kubectl -n {NAMESPACE} get all,certificates,networkpolicies"
    ));
    say(&format!(
        "\nterraform, in the same state (no init: the provider is {}):",
        stage.provider.binary().display()
    ));
    say(&format!("  cd {folder}"));
    for (name, value) in stage.lab.aws_env(&stage.session) {
        say(&format!("  export {name}='{value}'"));
    }
    say(&format!("  export KUBE_CONFIG_PATH={}", stage.kubeconfig.display()));
    say(&format!(
        "  export TF_CLI_CONFIG_FILE={folder}/terraformrc TF_DATA_DIR={folder}/data"
    ));
    say("  terraform plan");
    say("\nthe app:");
    say(&format!(
        "  curl --cacert {0} --resolve {HOST}:{2}:{1} https://{HOST}:{2}/",
        served.ca_file, served.address, served.port
    ));
    tokio::signal::ctrl_c().await.context("waiting for Ctrl-C")
}
