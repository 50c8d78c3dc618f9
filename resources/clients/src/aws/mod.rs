//! AWS: one identity per Region and role, shared by all services.

#[cfg(feature = "fake")]
mod account;
pub mod acm;
pub mod acm_pca;
pub mod cloudwatch;
pub mod ec2;
pub mod eks;
pub mod elbv2;
#[cfg(feature = "fake")]
mod fake;
pub mod iam;
mod identity;
mod refusal;
mod retry;
pub mod route53;
pub mod settings;
#[cfg(test)]
mod tests;
mod web_identity;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::timeout::TimeoutConfig;

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use e2etls_engine::refusal::{Answer, Refusal};
use tokio::sync::{Mutex, OnceCell};

#[cfg(feature = "fake")]
pub use account::FakeAws;
use acm_pca::shared::Issuers;
pub use identity::{Connections, NoRegion};
pub(crate) use refusal::{Effect, refused, refused_with};

/// AWS under one identity in one Region.
pub struct Aws {
    config: SdkConfig,
    region: String,
    endpoints: BTreeMap<String, String>,
    caller: OnceCell<Caller>,
    issuers: Mutex<Issuers>,
}

/// Whose credentials these are.
struct Caller {
    account: String,
    arn: String,
}

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// What an answer says, or nothing.
pub(crate) fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// Whose credentials a port works with, and where.
#[async_trait]
pub trait Identity: Send + Sync {
    /// The account of the credentials; asked once (`sts:GetCallerIdentity`).
    ///
    /// # Errors
    /// No credentials, or STS refuses.
    async fn account(&self) -> Result<&str, Refusal>;

    /// The Region.
    fn region(&self) -> &str;
}

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a read may take, its repetitions included.
const READ: Duration = Duration::from_secs(30);
/// How long a write may take, its repetitions included.
const WRITE: Duration = Duration::from_secs(60);

/// The bounds of a call.
pub(crate) fn bounds(effect: Effect) -> TimeoutConfig {
    let limit = match effect {
        Effect::Read => READ,
        Effect::Write => WRITE,
    };
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_timeout(limit)
        .build()
}

/// A client of a service for calls of one effect, at the endpoint that the settings name.
macro_rules! client {
    ($sdk:ident, $aws:expr, $service:literal, $effect:expr) => {{
        let mut config = $sdk::config::Builder::from(&$aws.config).timeout_config($crate::aws::bounds($effect));
        if let Some(url) = $aws.endpoints.get($service) {
            config.set_endpoint_url(Some(url.clone()));
        }
        if $effect == $crate::aws::Effect::Write {
            config = config.retry_classifier($crate::aws::retry::NeverAfterSending);
        }
        $sdk::Client::from_conf(config.build())
    }};
}
pub(crate) use client;

/// A service under one identity, with clients for reads and for writes.
macro_rules! service {
    ($(#[$doc:meta])* $name:ident, $sdk:ident, $endpoint:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            pub(in crate::aws) aws: std::sync::Arc<$crate::aws::Aws>,
            reads: $sdk::Client,
            writes: $sdk::Client,
        }

        impl $name {
            /// The service under one identity.
            #[must_use]
            pub fn new(aws: std::sync::Arc<$crate::aws::Aws>) -> Self {
                Self {
                    reads: $crate::aws::client!($sdk, aws, $endpoint, $crate::aws::Effect::Read),
                    writes: $crate::aws::client!($sdk, aws, $endpoint, $crate::aws::Effect::Write),
                    aws,
                }
            }
        }

        #[async_trait::async_trait]
        impl $crate::aws::Identity for $name {
            async fn account(&self) -> Result<&str, e2etls_engine::refusal::Refusal> {
                self.aws.account().await
            }

            fn region(&self) -> &str {
                self.aws.region()
            }
        }
    };
}
pub(crate) use service;

impl Aws {
    fn new(config: SdkConfig, region: String, endpoints: BTreeMap<String, String>) -> Self {
        Self {
            config,
            region,
            endpoints,
            caller: OnceCell::new(),
            issuers: Mutex::default(),
        }
    }

    /// The Region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where credentials come from.
    pub(crate) fn credentials(&self) -> Result<SharedCredentialsProvider, Refusal> {
        let none = || Refusal::new(Answer::Unauthenticated, "credentials", "AWS", refusal::NO_CREDENTIALS);
        self.config.credentials_provider().ok_or_else(none)
    }

    /// The account of the credentials; asked once.
    ///
    /// # Errors
    /// No credentials, or STS refuses.
    pub async fn account(&self) -> Result<&str, Refusal> {
        self.caller().await.map(|caller| caller.account.as_str())
    }

    /// The ARN of the user or role whose credentials these are; asked once, together with the account.
    ///
    /// # Errors
    /// No credentials, or STS refuses.
    pub async fn arn(&self) -> Result<&str, Refusal> {
        self.caller().await.map(|caller| caller.arn.as_str())
    }

    async fn caller(&self) -> Result<&Caller, Refusal> {
        let ask = async {
            let sts = client!(aws_sdk_sts, self, "sts", Effect::Read);
            let answer = sts.get_caller_identity().send().await;
            let answer =
                answer.map_err(|error| refused("sts:GetCallerIdentity", "the caller", Effect::Read, &error))?;
            Ok(Caller {
                account: text(answer.account()),
                arn: text(answer.arn()),
            })
        };
        self.caller.get_or_try_init(|| ask).await
    }
}
