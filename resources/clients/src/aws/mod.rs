//! AWS: one identity per Region and role, shared by all services.

pub mod eks;
mod identity;
pub mod private_ca;
mod refusal;
pub mod settings;

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use e2etls_engine::refusal::{Answer, Refusal};
use tokio::sync::{Mutex, OnceCell};

pub use identity::{Connections, NoRegion};
use private_ca::shared::Issuers;
pub(crate) use refusal::{Effect, refused};

/// AWS under one identity in one Region.
pub struct Aws {
    config: SdkConfig,
    region: String,
    endpoints: BTreeMap<String, String>,
    account: OnceCell<String>,
    issuers: Mutex<Issuers>,
}

/// A client of a service for calls of one effect, at the endpoint that the settings name.
macro_rules! client {
    ($sdk:ident, $aws:expr, $service:literal) => {{
        let mut config = $sdk::config::Builder::from(&$aws.config);
        if let Some(url) = $aws.endpoints.get($service) {
            config.set_endpoint_url(Some(url.clone()));
        }
        $sdk::Client::from_conf(config.build())
    }};
}
pub(crate) use client;

impl Aws {
    fn new(config: SdkConfig, region: String, endpoints: BTreeMap<String, String>) -> Self {
        Self {
            config,
            region,
            endpoints,
            account: OnceCell::new(),
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
        let ask = async {
            let sts = client!(aws_sdk_sts, self, "sts");
            let answer = sts.get_caller_identity().send().await;
            let answer =
                answer.map_err(|error| refused("sts:GetCallerIdentity", "the caller", Effect::Read, &error))?;
            Ok(answer.account().unwrap_or_default().to_owned())
        };
        self.account.get_or_try_init(|| ask).await.map(String::as_str)
    }
}
