//! The IAM role of aws-privateca-issuer: who may assume it, and what it allows.

use std::collections::BTreeSet;

use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::Attr;

use super::model::Platform;
use crate::lifecycle::inputs::{optional_text, tags};
use crate::sha256;
use crate::syntax::{ROLE_NAME, oidc_issuer};

/// Its name; `None` while it is not known.
pub(super) fn name(platform: &Platform) -> Option<String> {
    match &platform.role_name {
        Attr::Null => platform.eks_cluster.known().map(|cluster| name_of(cluster)),
        given => given.known().cloned(),
    }
}

fn name_of(cluster: &str) -> String {
    let whole = format!("e2etls-{cluster}-privateca");
    if whole.len() <= ROLE_NAME {
        return whole;
    }
    // Both ends stay readable, and clusters whose names begin alike have different roles.
    format!(
        "e2etls-{}-{}-privateca",
        cluster.chars().take(38).collect::<String>(),
        &sha256::hex(cluster)[..8]
    )
}

/// The content of the part.
pub(super) fn content(platform: &Platform, cluster: &str, account: &[String; 2]) -> Value {
    let trust = match &platform.oidc_provider_arn {
        Attr::Unknown => UNKNOWN.into(),
        Attr::Known(arn) => federated(arn, account),
        Attr::Null => of_pods(cluster, account),
    };
    let policy = platform.ca_arns.known().map_or(UNKNOWN.into(), policy);
    let boundary = match &platform.permissions_boundary {
        Attr::Unknown => UNKNOWN.to_owned(),
        boundary => optional_text(boundary).unwrap_or_default(),
    };
    json!({
        "trust": trust,
        "policy": policy,
        "boundary": boundary,
        "description": format!("aws-privateca-issuer in the EKS cluster {cluster}"),
        "tags": tags(&platform.tags),
    })
}

/// Pods of the service account may assume it, through EKS Pod Identity and in this cluster alone
/// (<https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html> lists the tags of their sessions).
fn of_pods(cluster: &str, [namespace, account]: &[String; 2]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {
            "aws:RequestTag/eks-cluster-name": cluster,
            "aws:RequestTag/kubernetes-namespace": namespace,
            "aws:RequestTag/kubernetes-service-account": account,
        }},
    }]})
}

/// Pods of the service account may assume it with a token of the cluster's own issuer
/// (<https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>).
fn federated(provider: &str, [namespace, account]: &[String; 2]) -> Value {
    let issuer = oidc_issuer(provider).unwrap_or_default();
    let mut equals = serde_json::Map::new();
    equals.insert(format!("{issuer}:aud"), "sts.amazonaws.com".into());
    equals.insert(
        format!("{issuer}:sub"),
        format!("system:serviceaccount:{namespace}:{account}").into(),
    );
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {"StringEquals": equals},
    }]})
}

/// What aws-privateca-issuer needs, with templates for end entities only
/// (<https://github.com/cert-manager/aws-privateca-issuer#configuration>; condition key `acm-pca:TemplateArn`).
fn policy(arns: &BTreeSet<String>) -> Value {
    let partition = arns.first().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Effect": "Allow",
            "Action": ["acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate"],
            "Resource": arns,
        },
        {
            "Effect": "Allow",
            "Action": ["acm-pca:IssueCertificate"],
            "Resource": arns,
            "Condition": {"StringLike": {"acm-pca:TemplateArn": [
                format!("arn:{partition}:acm-pca:::template/BlankEndEntityCertificate_*/V*"),
                format!("arn:{partition}:acm-pca:::template/EndEntity*/V*"),
            ]}},
        },
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_clusters_with_long_names_differ() {
        assert_eq!(name_of("prod"), "e2etls-prod-privateca");
        let [one, other] = ["a", "b"].map(|end| name_of(&format!("{}{end}", "x".repeat(99))));
        assert!(
            one != other && one.len() == ROLE_NAME && one.starts_with("e2etls-xxx"),
            "{one}"
        );
    }
}
