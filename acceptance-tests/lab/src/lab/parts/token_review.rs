//! The API server's token webhook: `k8s-aws-v1.` tokens, as EKS takes them.
//!
//! Like EKS it decodes the presigned GetCallerIdentity, insists on the signed header `x-k8s-aws-id` with the name of
//! this cluster and on an age below 15 minutes, and replays the request against STS. moto's STS verifies no
//! signatures, so the lab verifies them itself with the one secret that it hands out. Unlike EKS it knows no access
//! entries: any valid identity is the user `eks:provider` in the group `e2etls:provider`.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures::FutureExt as _;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::lab::endpoints::CLUSTER;
use crate::lab::error::{Context as _, Error, Result};
use crate::lab::http::{JsonClient, listen, refusal, serve};
use crate::lab::sigv4::Presigned;

const PREFIX: &str = "k8s-aws-v1.";
/// The header that binds a token to a cluster.
const CLUSTER_HEADER: &str = "x-k8s-aws-id";
/// How long EKS honours a token, in seconds.
const LIFETIME: i64 = 15 * 60;

/// Starts the webhook and writes the kubeconfig by which the API server finds it.
pub(crate) async fn start(dir: &Path, moto: &str) -> Result<PathBuf> {
    let (listener, url) = listen("http").await?;
    let sts = JsonClient::new(moto);
    tokio::spawn(serve(listener, move |_, _, body: Bytes| {
        let sts = sts.clone();
        async move {
            match serde_json::from_slice::<Value>(&body) {
                Ok(review) => (StatusCode::OK, answer(&review, &sts).await),
                Err(error) => refusal(StatusCode::BAD_REQUEST, error),
            }
        }
        .boxed()
    }));
    let path = dir.join("token-review.kubeconfig");
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "webhook",
        "clusters": [{ "name": "webhook", "cluster": { "server": format!("{url}/token-review") } }],
        "users": [{ "name": "webhook", "user": {} }],
        "contexts": [{ "name": "webhook", "context": { "cluster": "webhook", "user": "webhook" } }],
    });
    std::fs::write(&path, config.to_string()).context(path.display())?;
    Ok(path)
}

async fn answer(review: &Value, sts: &JsonClient) -> Value {
    let token = review["spec"]["token"].as_str().unwrap_or_default();
    let status = match identity(token, sts).await {
        Ok(arn) => json!({ "authenticated": true, "user": {
            "username": "eks:provider", "uid": arn, "groups": ["e2etls:provider"],
            "extra": { "arn": [arn] },
        } }),
        Err(error) => json!({ "authenticated": false, "error": error.to_string() }),
    };
    json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status })
}

/// The ARN behind a token.
async fn identity(token: &str, sts: &JsonClient) -> Result<String> {
    let url = decode(token)?;
    let presigned = Presigned::parse(&url)?;
    check(&presigned, jiff::Timestamp::now())?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::builder()
        .method(Method::GET)
        .uri(format!("{}{path}", sts.base()))
        .header(CLUSTER_HEADER, CLUSTER)
        .header("accept", "application/json")
        // moto finds the service in this header only, never in a presigned query.
        .header("authorization", presigned.as_header())
        .body(Full::new(Bytes::new()))
        .context("asking STS")?;
    let (status, body) = sts.send(request).await?;
    let text = String::from_utf8_lossy(&body).into_owned();
    if status != StatusCode::OK {
        return Err(Error::new(format!("STS answered {status}: {text}")));
    }
    arn(&text).context("STS named no ARN")
}

/// What aws-iam-authenticator insists on before it asks STS.
fn check(presigned: &Presigned, now: jiff::Timestamp) -> Result<()> {
    let parameter = |name: &str| presigned.parameter(name).context(format!("the token has no {name}"));
    if parameter("Action")? != "GetCallerIdentity" {
        return Err(Error::new("the token is for another action"));
    }
    if !presigned.signed_headers().any(|header| header == CLUSTER_HEADER) {
        return Err(Error::new(format!("the token does not sign {CLUSTER_HEADER}")));
    }
    let age = now.as_second() - presigned.signed_at()?.as_second();
    if !(-300..=LIFETIME).contains(&age) {
        return Err(Error::new(format!("the token is {age} s old")));
    }
    if !presigned.verify(&[(CLUSTER_HEADER, CLUSTER)])? {
        return Err(Error::new(
            "the signature does not match: other credentials, or another cluster",
        ));
    }
    Ok(())
}

fn decode(token: &str) -> Result<Uri> {
    let encoded = token.strip_prefix(PREFIX).context("not an EKS token")?;
    let bytes = URL_SAFE_NO_PAD
        .decode(encoded.trim_end_matches('='))
        .context("the token isn't base64")?;
    let text = String::from_utf8(bytes).context("the token isn't text")?;
    text.parse().context("the token holds no URL")
}

/// The ARN in an answer of STS, JSON or XML.
fn arn(text: &str) -> Option<String> {
    let start = text.find("arn:")?;
    let rest = text.get(start..)?;
    let end = rest.find(['<', '"'])?;
    rest.get(..end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{PREFIX, arn, check, decode};
    use crate::lab::sigv4::{Presigned, presign};
    use base64::Engine as _;

    const URL: &str = "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";

    fn presigned(cluster: &str, at: &str) -> Presigned {
        let at = at.parse().expect("time");
        let url = presign(URL, &[("x-k8s-aws-id", cluster)], at).expect("presign");
        Presigned::parse(&url.parse().expect("URL")).expect("parse")
    }

    fn now() -> jiff::Timestamp {
        "2026-01-01T12:00:00Z".parse().expect("time")
    }

    #[test]
    fn takes_a_fresh_token_of_this_cluster() {
        check(&presigned("lab", "2026-01-01T11:50:00Z"), now()).expect("valid");
    }

    #[test]
    fn refuses_an_old_token() {
        let error = check(&presigned("lab", "2026-01-01T11:40:00Z"), now()).expect_err("old");
        assert!(error.to_string().contains("1200 s old"), "{error}");
    }

    #[test]
    fn refuses_another_cluster() {
        let error = check(&presigned("other", "2026-01-01T11:59:00Z"), now()).expect_err("other cluster");
        assert!(error.to_string().contains("another cluster"), "{error}");
    }

    #[test]
    fn decodes_the_url() {
        let token = format!(
            "{PREFIX}{}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(URL)
        );
        assert_eq!(decode(&token).expect("token").to_string(), URL);
        assert!(decode("eyJhbGciOi").is_err());
    }

    #[test]
    fn finds_the_arn() {
        assert_eq!(
            arn("<Arn>arn:aws:sts::1:user/x</Arn>").as_deref(),
            Some("arn:aws:sts::1:user/x")
        );
        assert_eq!(arn("{}"), None);
    }
}
