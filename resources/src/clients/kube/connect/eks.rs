//! An EKS cluster by name: endpoint and CA from DescribeCluster, a token from STS for each request.
//!
//! A token is a presigned `GetCallerIdentity` with the cluster's name in a signed header
//! (<https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>). Minting one calls
//! nobody; none is ever stored.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderValue, Request, header::AUTHORIZATION};
use hyper_util::rt::TokioExecutor;
use kube::Config;
use kube::client::{Body, ConfigExt};
use tfplugin_framework::Diagnostics;
use tower::{BoxError, ServiceBuilder};
use tower::filter::AsyncFilterLayer;

use super::{USER_AGENT, certificates, failed};
use crate::provider::Session;

/// How long a token may be used; EKS honours at most 15 minutes, a request needs seconds.
const TOKEN_LIFE: Duration = Duration::from_secs(60);

pub(super) async fn connect(session: &Session, name: &str, role_arn: Option<&str>) -> Result<kube::Client, Diagnostics> {
    let aws = session.aws(None, role_arn).await?;
    let described = aws.eks().describe_cluster().name(name).send().await.map_err(|error| aws.refused("eks:DescribeCluster", name, &error))?;
    let cluster = described.cluster().ok_or_else(|| failed("DescribeCluster answered without a cluster"))?;
    let endpoint = cluster.endpoint().ok_or_else(|| failed(&format!("EKS cluster `{name}` has no endpoint yet")))?;
    let ca = cluster.certificate_authority().and_then(|ca| ca.data()).unwrap_or_default();
    let pem = STANDARD.decode(ca).ok().and_then(|pem| String::from_utf8(pem).ok()).unwrap_or_default();
    let mut config = Config::new(endpoint.parse().map_err(|error| failed(&format!("`{endpoint}` is no URL: {error}")))?);
    config.root_cert = Some(certificates(&pem).map_err(|why| failed(&format!("the CA of EKS cluster `{name}`: {why}")))?);
    let minter = Arc::new(Minter { credentials: aws.credentials()?, region: aws.region().to_owned(), cluster: name.to_owned() });
    let layer = AsyncFilterLayer::new(move |request: Request<Body>| authorise(Arc::clone(&minter), request));
    let https = config.rustls_https_connector().map_err(|error| failed(&error.to_string()))?;
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(layer)
        .service(hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(https));
    Ok(kube::Client::new(service, config.default_namespace))
}

struct Minter {
    credentials: SharedCredentialsProvider,
    region: String,
    cluster: String,
}

async fn authorise(minter: Arc<Minter>, mut request: Request<Body>) -> Result<Request<Body>, BoxError> {
    let token = minter.token(SystemTime::now()).await?;
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    request.headers_mut().insert(http::header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    Ok(request)
}

impl Minter {
    async fn token(&self, now: SystemTime) -> Result<String, BoxError> {
        let identity = self.credentials.provide_credentials().await?.into();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(TOKEN_LIFE);
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("sts")
            .time(now)
            .settings(settings)
            .build()?
            .into();
        let suffix = if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let host = format!("sts.{}.{suffix}", self.region);
        let url = format!("https://{host}/?Action=GetCallerIdentity&Version=2011-06-15");
        let headers = [("host", host.as_str()), ("x-k8s-aws-id", self.cluster.as_str())];
        let signable = SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(&[]))?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let mut request = Request::builder().uri(&url).body(())?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(request.uri().to_string())))
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    #[tokio::test]
    async fn a_token_is_a_presigned_identity_call_that_names_the_cluster() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        let minter = Minter {
            credentials: SharedCredentialsProvider::new(credentials),
            region: "eu-central-1".to_owned(),
            cluster: "prod".to_owned(),
        };
        let token = minter.token(SystemTime::UNIX_EPOCH).await.unwrap();
        let url = URL_SAFE_NO_PAD.decode(token.strip_prefix("k8s-aws-v1.").unwrap()).unwrap();
        let url = String::from_utf8(url).unwrap();
        assert!(url.starts_with("https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&"), "{url}");
        for part in ["X-Amz-Expires=60", "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id", "X-Amz-Security-Token=session"] {
            assert!(url.contains(part), "{part} in {url}");
        }
        assert!(!url.contains("secret"));
    }
}
