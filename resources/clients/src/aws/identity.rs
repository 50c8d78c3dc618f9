//! From settings to identities: one per Region and role, however they were named.

use std::collections::HashMap;
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::sync::Mutex;

use super::Aws;
use super::settings::{AssumeRole, Settings};
use super::web_identity::WebIdentityProvider;

/// Neither the settings nor AWS_REGION nor the profile names a Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no AWS Region: neither the settings nor AWS_REGION nor the profile names one")]
pub struct NoRegion;

/// A Region, and a role on top of the configured ones.
type Key = (String, Option<String>);

/// The identities of one process: each is made once, so that its credentials and caches are shared.
pub struct Connections {
    settings: Settings,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    /// The Region if none is requested; `None` until it was looked up.
    default_region: Option<Option<String>>,
    identities: HashMap<Key, Arc<Aws>>,
}

impl Connections {
    /// Takes the settings; reads and calls nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            made: Mutex::default(),
        }
    }

    /// AWS in `region`, or in the default one, with the role `role_arn` assumed on top where given. No call is made;
    /// the same Region and role give the same identity, however they were named.
    ///
    /// # Errors
    /// There is no Region.
    pub async fn get(&self, region: Option<&str>, role_arn: Option<&str>) -> Result<Arc<Aws>, NoRegion> {
        let mut made = self.made.lock().await;
        let region = match region {
            Some(region) => region.to_owned(),
            None => {
                if made.default_region.is_none() {
                    let found = self.load(None).await;
                    made.default_region = Some(found.region().map(ToString::to_string));
                }
                made.default_region.clone().flatten().ok_or(NoRegion)?
            }
        };
        let key = (region.clone(), role_arn.map(str::to_owned));
        if let Some(aws) = made.identities.get(&key) {
            return Ok(Arc::clone(aws));
        }
        let sdk = self.identity(self.load(Some(&region)).await, role_arn).await;
        let aws = Arc::new(Aws::new(sdk, region, self.settings.endpoints.clone()));
        made.identities.insert(key, Arc::clone(&aws));
        Ok(aws)
    }

    /// The SDK's environment and files, then the settings.
    async fn load(&self, region: Option<&str>) -> SdkConfig {
        let settings = &self.settings;
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = region.or(settings.region.as_deref()) {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(fips) = settings.fips {
            loader = loader.use_fips(fips);
        }
        if let Some(attempts) = settings.max_retries {
            loader = loader.retry_config(RetryConfig::standard().with_max_attempts(attempts));
        }
        loader.load().await
    }

    /// The roles of the settings, then `role_arn` on top.
    async fn identity(&self, mut sdk: SdkConfig, role_arn: Option<&str>) -> SdkConfig {
        let sts = self.settings.endpoints.get("sts").map(String::as_str);
        if let Some(identity) = &self.settings.web_identity {
            let provider = WebIdentityProvider::new(&sdk, identity, sts);
            sdk = sdk
                .into_builder()
                .credentials_provider(SharedCredentialsProvider::new(provider))
                .build();
        }
        let on_top = role_arn.map(|role_arn| AssumeRole {
            role_arn: role_arn.to_owned(),
            ..AssumeRole::default()
        });
        for role in self.settings.assume_role.iter().chain(&on_top) {
            sdk = assume(sdk, role, sts).await;
        }
        sdk
    }
}

/// Assumes a role on top of `base`, at the STS that the settings' `endpoints` name.
async fn assume(base: SdkConfig, role: &AssumeRole, sts: Option<&str>) -> SdkConfig {
    let at_sts = match sts {
        Some(url) => base.clone().into_builder().endpoint_url(url).build(),
        None => base.clone(),
    };
    let mut provider = aws_config::sts::AssumeRoleProvider::builder(&role.role_arn)
        .session_name(role.session_name.as_deref().unwrap_or("e2etls"))
        .configure(&at_sts);
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    let provider = provider.build().await;
    base.into_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build()
}
