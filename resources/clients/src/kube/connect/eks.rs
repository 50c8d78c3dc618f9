//! An EKS cluster by name: endpoint and CA from DescribeCluster, a token from STS for each request.
//!
//! A token is a presigned `GetCallerIdentity` with the cluster's name in a signed header
//! (<https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>). Minting one calls
//! nobody; none is ever stored.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, Request, header::AUTHORIZATION};
use kube::Config;
use kube::client::{Body, ClientBuilder};
use tokio::sync::Mutex;
use tower::BoxError;
use tower::buffer::BufferLayer;
use tower::filter::AsyncFilterLayer;

use super::checks::{certificates, server_url};
use super::{Connected, NotConnected, Server, USER_AGENT, bound, route};
use crate::aws::Aws;
use crate::aws::eks::describe;
use crate::chain::chain;
use crate::kube::refusal::NoCredentials;
use crate::kube::settings::ClusterSettings;

/// How long a token may be used; EKS honours at most 15 minutes, a request needs seconds.
const TOKEN_LIFE: Duration = Duration::from_secs(60);

/// As many as the client's own queue takes.
const REQUESTS_IN_FLIGHT: usize = 1024;
/// How long before they expire credentials are renewed.
const RENEW_BEFORE_END: Duration = Duration::from_secs(300);

pub(super) async fn connect(
    aws: &Aws,
    name: &str,
    host: Option<&str>,
    settings: &ClusterSettings,
) -> Result<Connected, NotConnected> {
    let failed = NotConnected::Settings;
    let described = describe(aws, name).await?;
    let endpoint = described.endpoint;
    let endpoint = endpoint.ok_or_else(|| failed(format!("EKS cluster `{name}` has no endpoint yet")))?;
    let pem = described.ca_pem.unwrap_or_default();
    let url = |text: &str| server_url(text).map_err(failed);
    let own = url(&endpoint)?;
    let mut config = Config::new(match host {
        Some(host) => url(host)?,
        None => own.clone(),
    });
    // At the other end of a tunnel the endpoint's own certificate is shown.
    config.tls_server_name = host.and(own.host()).map(str::to_owned);
    let proxy = route(&mut config, settings)?;
    let roots = certificates(&pem).map_err(|why| failed(format!("the CA of EKS cluster `{name}`: {why}")))?;
    config.root_cert = Some(roots);
    bound(&mut config);
    let server = Server::of(&config);
    let minter = Arc::new(Minter::new(aws.credentials()?, aws.region(), name));
    let layer = AsyncFilterLayer::new(move |request: Request<Body>| authorise(Arc::clone(&minter), request));
    // The usual stack, with its connect timeout and retries, inside of what adds the token. A filter needs a service that
    // can be cloned, which a buffer makes of any.
    let builder = ClientBuilder::try_from(config).map_err(|error| failed(error.to_string()))?;
    let client = builder
        .with_layer(&BufferLayer::new(REQUESTS_IN_FLIGHT))
        .with_layer(&layer)
        .build();
    Ok(Connected {
        client,
        eks_arn: described.arn,
        server,
        proxy,
    })
}

/// Tokens are minted per request; the credentials that sign them are kept until shortly before they end, or else each
/// request to the cluster would be one to STS or the instance's metadata as well.
struct Minter {
    provider: SharedCredentialsProvider,
    credentials: Mutex<Option<Credentials>>,
    region: String,
    cluster: String,
}

async fn authorise(minter: Arc<Minter>, mut request: Request<Body>) -> Result<Request<Body>, BoxError> {
    let token = minter.token(SystemTime::now()).await;
    let token = token.map_err(|error| NoCredentials(chain(error.as_ref())))?;
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    request
        .headers_mut()
        .insert(http::header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    Ok(request)
}

impl Minter {
    fn new(provider: SharedCredentialsProvider, region: &str, cluster: &str) -> Self {
        Self {
            provider,
            credentials: Mutex::default(),
            region: region.to_owned(),
            cluster: cluster.to_owned(),
        }
    }

    async fn credentials(&self, now: SystemTime) -> Result<Credentials, BoxError> {
        let mut kept = self.credentials.lock().await;
        let fresh = kept
            .as_ref()
            .filter(|found| found.expiry().is_none_or(|end| end > now + RENEW_BEFORE_END));
        if let Some(found) = fresh {
            return Ok(found.clone());
        }
        Ok(kept.insert(self.provider.provide_credentials().await?).clone())
    }

    async fn token(&self, now: SystemTime) -> Result<String, BoxError> {
        let identity = self.credentials(now).await?.into();
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
        let suffix = if self.region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        let host = format!("sts.{}.{suffix}", self.region);
        let url = format!("https://{host}/?Action=GetCallerIdentity&Version=2011-06-15");
        let headers = [("host", host.as_str()), ("x-k8s-aws-id", self.cluster.as_str())];
        let signable = SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(&[]))?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let mut request = Request::builder().uri(&url).body(())?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(format!(
            "k8s-aws-v1.{}",
            URL_SAFE_NO_PAD.encode(request.uri().to_string())
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_credential_types::credential_fn::provide_credentials_fn;

    use super::*;

    #[tokio::test]
    async fn a_token_is_a_presigned_identity_call_that_names_the_cluster() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        let minter = Minter::new(SharedCredentialsProvider::new(credentials), "eu-central-1", "prod");
        let token = minter.token(SystemTime::UNIX_EPOCH).await.unwrap();
        let url = URL_SAFE_NO_PAD
            .decode(token.strip_prefix("k8s-aws-v1.").unwrap())
            .unwrap();
        let url = String::from_utf8(url).unwrap();
        assert!(
            url.starts_with("https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&"),
            "{url}"
        );
        for part in [
            "X-Amz-Expires=60",
            "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
            "X-Amz-Security-Token=session",
        ] {
            assert!(url.contains(part), "{part} in {url}");
        }
        assert!(!url.contains("secret"));
    }

    #[tokio::test]
    async fn credentials_are_asked_for_again_only_shortly_before_their_end() {
        let asked = Arc::new(AtomicUsize::new(0));
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(3600);
        let count = Arc::clone(&asked);
        let provider = provide_credentials_fn(move || {
            count.fetch_add(1, Ordering::Relaxed);
            async move { Ok(Credentials::new("AKIDEXAMPLE", "secret", None, Some(end), "test")) }
        });
        let minter = Minter::new(SharedCredentialsProvider::new(provider), "eu-central-1", "prod");
        for (seconds, wanted) in [(0, 1), (60, 1), (3301, 2)] {
            minter
                .token(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
                .await
                .unwrap();
            assert_eq!(asked.load(Ordering::Relaxed), wanted, "{seconds}");
        }
    }
}
