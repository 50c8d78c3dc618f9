use e2etls_clients::kube::fake::FakeCluster;

use super::*;

fn cluster(proxy: Option<&str>) -> Cluster {
    let mut cluster = FakeCluster::default().cluster("label");
    cluster.proxy = proxy.map(str::to_owned);
    cluster
}

#[tokio::test]
async fn a_proxy_that_does_not_answer_is_named() {
    let refused = |answer| Unidentified::Refused(Refusal::new(answer, "GET /", "Namespace kube-system", "refused"));
    let through = cluster(Some("the proxy `http://proxy:3128` of the variable HTTPS_PROXY"));
    let told = |answer| {
        let told = unidentified(&refused(answer), &through);
        told.iter().map(Diagnostic::detail).collect::<String>()
    };
    let dead = told(Answer::Unreachable);
    assert!(
        dead.contains("through the proxy `http://proxy:3128` of the variable HTTPS_PROXY"),
        "{dead}"
    );
    assert!(!told(Answer::Unauthenticated).contains("proxy"));
}

fn summary(answer: Answer) -> String {
    let why = Unidentified::Refused(Refusal::new(
        answer,
        "GET /",
        "Namespace kube-system",
        "Connection refused",
    ));
    let diagnostics = unidentified(&why, &cluster(None));
    let one = diagnostics.iter().next().unwrap();
    assert!(one.detail().starts_with("GET /: Connection refused") && one.detail().ends_with("Nothing was changed."));
    one.what.clone()
}

#[tokio::test]
async fn tells_apart_why_a_cluster_is_not_identified() {
    assert_eq!(summary(Answer::Unauthenticated), NOT_KNOWN.0);
    assert_eq!(summary(Answer::Forbidden(Denial::Permission)), NOT_ALLOWED.0);
    assert_eq!(summary(Answer::Unreachable), NOT_REACHED.0);
    assert_eq!(summary(Answer::Throttled), NOT_NOW.0);
}

#[test]
fn only_silence_is_unreachable() {
    let refused = |answer| Unidentified::Refused(Refusal::new(answer, "GET /", "Namespace kube-system", ""));
    assert!(is_unreachable(&refused(Answer::Unreachable)));
    let another = Unidentified::Another {
        uid: "a".to_owned(),
        expected: "b".to_owned(),
    };
    for why in [
        refused(Answer::Unauthenticated),
        refused(Answer::Throttled),
        Unidentified::NotKubernetes,
        another,
    ] {
        assert!(!is_unreachable(&why), "{why}");
    }
}

#[test]
fn whoever_refused_is_named_whatever_the_part_is() {
    let told = |reference: &str, operation: &str, target: &str| {
        let denied = Answer::Forbidden(Denial::Permission);
        let told = refused(reference, &Refusal::new(denied, operation, target, "no"));
        let one = told.iter().next().expect("a message");
        (one.what.clone(), one.detail())
    };
    let (what, detail) = told("check web/works", "GET /apis/apps/v1/x", "Deployment shop/web");
    assert_eq!(what, "The API server refused Deployment shop/web");
    assert!(detail.contains("Grant this verb on deployments.apps to"), "{detail}");
    let reference = "CertificateRequest of the check in namespace shop";
    let (what, _) = told(reference, "POST /apis/x", "CertificateRequest shop/e2etls-canary-");
    assert_eq!(what, format!("The API server refused {reference}"));
    let (_, detail) = told("Service shop/web", "PATCH /api/v1/x", "Service shop/web");
    assert!(detail.contains("Grant this verb on services to"), "{detail}");
    let (what, _) = told("Certificate shop/web", "acm-pca:IssueCertificate", "arn:aws:acm-pca:x");
    assert_eq!(what, "AWS refused acm-pca:IssueCertificate");
}

#[test]
fn another_account_lacks_no_permission() {
    let arn = "arn:aws:acm:eu-central-1:111122223333:certificate/a";
    let told = aws(&Refusal::new(
        Answer::Forbidden(Denial::Elsewhere),
        "acm:DescribeCertificate",
        arn,
        "it is elsewhere",
    ));
    let one = told.iter().next().expect("a message");
    assert_eq!(one.what, "Wrong AWS account or Region");
    assert!(
        !one.detail().contains("Grant") && one.detail().contains(arn),
        "{}",
        one.detail()
    );
}

#[test]
fn only_who_answered_has_refused() {
    let what = |answer: Answer| {
        let refusal = Refusal::new(answer, "PATCH /x", "ConfigMap shop/web", "connection refused");
        let told = api_server("ConfigMap shop/web", e2etls_clients::kube::kinds::CONFIG_MAP, &refusal);
        told.iter().next().expect("a message").what.clone()
    };
    assert!(!what(Answer::Unreachable).contains("refused") && !what(Answer::OutcomeUnknown).contains("refused"));
    assert!(what(Answer::Invalid).contains("refused"));
}
