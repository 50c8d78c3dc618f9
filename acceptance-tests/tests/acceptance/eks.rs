//! A cluster by its EKS name: endpoint from EKS, tokens from STS, and EKS's word on what is gone.

use e2etls_lab::lab::{Action, CLUSTER, Fault, Match, Recorder};
use serde_json::json;

use crate::ground::Ground;
use crate::subject::ISSUER;

/// As whom the lab's API server knows the AWS identity of the tests.
pub(crate) const GROUP: &str = "e2etls:provider";

/// Gives the AWS identity of the tests the documented permissions in the cluster.
pub(crate) async fn permit(ground: &Ground) {
    for role in ["e2etls-cluster-reader", "e2etls-writer"] {
        ground
            .apply(
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                "metadata": {"name": format!("{role}-eks")},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": GROUP}]}),
            )
            .await;
    }
}

/// A CA and `resource`.
pub(crate) fn write(ground: &Ground, resource: &str) {
    ground.write(&(ground.ca("") + resource));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_reached_by_its_name_and_counts_as_gone_when_eks_says_so() {
    let ground = Ground::new("eks-name").await;
    permit(&ground).await;
    let ground = ground.without_kubeconfig();
    let facts = format!("data \"e2etls_cluster\" \"it\" {{\n  name = {CLUSTER:?}\n}}\n");
    let issuer = ISSUER.text(&ground, "it", false, "");
    write(&ground, &(issuer.clone() + &facts));
    ground.terraform.apply_quietly().await.unwrap();
    let state = ground.terraform.values(ISSUER.address).await.unwrap();
    let cluster = ground.terraform.values("data.e2etls_cluster.it").await.unwrap();
    assert_eq!(cluster["uid"], state["cluster_uid"]);
    assert!(
        cluster["arn"]
            .as_str()
            .unwrap()
            .ends_with(&format!(":cluster/{CLUSTER}")),
        "{cluster}"
    );
    let written = std::fs::read_to_string(ground.terraform.path().join("terraform.tfstate")).unwrap();
    assert!(!written.contains("k8s-aws-v1."), "a token was kept");
    write(&ground, &issuer);
    drop(ground.terraform.apply(&[]).await.unwrap().success());

    // Merely unreachable is an error; so is a cluster that EKS does not tell of.
    let recorder = Recorder::new(&ground.session.recorder);
    let eks = Match::aws().path(&format!("/clusters/{CLUSTER}"));
    let answer = |code, kind: &str| Action::Status {
        code,
        body: json!({"__type": kind, "message": "from the test"}).to_string(),
        retry_after: None,
    };
    for action in [Action::Drop, answer(403, "AccessDeniedException")] {
        recorder.reset().await.unwrap();
        recorder.fault(&Fault::new(eks.clone(), action)).await.unwrap();
        let (refused, _) = ground.terraform.try_plan(&[]).await.unwrap();
        drop(refused.failure(&["eks:DescribeCluster"]));
    }
    recorder.reset().await.unwrap();
    let gone = answer(404, "ResourceNotFoundException");
    recorder.fault(&Fault::new(eks, gone)).await.unwrap();
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert!(plan.output.words().contains("The cluster is gone"), "{}", plan.output);
    assert_eq!(plan.change(ISSUER.address).actions, ["create"]);
    let destroyed = ground.terraform.destroy(&["-refresh=false"]).await.unwrap().success();
    assert!(destroyed.words().contains("The cluster is gone"), "{destroyed}");
}
