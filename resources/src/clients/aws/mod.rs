//! AWS: one configuration per region and role, and how its errors are told.

pub mod eks;
pub mod private_ca;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::RequestId;
use tfplugin_framework::{Attr, AttributePath, Diagnostics};
use tokio::sync::{Mutex, OnceCell};

use private_ca::shared::Issuers;

use crate::provider::model::{AssumeRole, ProviderConfig};

/// AWS under one identity in one region.
pub struct Aws {
    config: SdkConfig,
    region: String,
    endpoints: std::collections::BTreeMap<String, String>,
    account: OnceCell<String>,
    issuers: Mutex<Issuers>,
}

impl Aws {
    /// The SDK's configuration: its environment and files, then the provider's arguments, then `role_arn` on top.
    ///
    /// # Errors
    /// There is no region.
    pub async fn new(
        config: &ProviderConfig,
        region: Option<&str>,
        role_arn: Option<&str>,
    ) -> Result<Self, Diagnostics> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = region.or(config.region.as_str()) {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(profile) = config.profile.as_str() {
            loader = loader.profile_name(profile);
        }
        if let Some(fips) = config.use_fips_endpoint.known() {
            loader = loader.use_fips(*fips);
        }
        if let Some(attempts) = config.max_retries.known() {
            loader =
                loader.retry_config(RetryConfig::standard().with_max_attempts(u32::try_from(*attempts).unwrap_or(3)));
        }
        let mut sdk = loader.load().await;
        let Some(region) = sdk.region().map(ToString::to_string) else {
            let mut diagnostics = Diagnostics::new();
            diagnostics.input(
                AttributePath::root("region"),
                "There is no AWS Region",
                "Neither the provider argument `region` nor AWS_REGION nor the profile names one. Give `region`.",
            );
            return Err(diagnostics);
        };
        let endpoints = config.endpoints.known().cloned().unwrap_or_default();
        let sts = endpoints.get("sts");
        if let Some(identity) = config.assume_role_with_web_identity.known() {
            sdk = with_web_identity(sdk, identity);
        }
        if let Some(role) = config.assume_role.known() {
            sdk = assume(sdk, role, sts).await;
        }
        if let Some(role_arn) = role_arn {
            let role_arn = role_arn.to_owned().into();
            let role = AssumeRole {
                role_arn,
                external_id: Attr::Null,
                session_name: Attr::Null,
            };
            sdk = assume(sdk, &role, sts).await;
        }
        Ok(Self {
            config: sdk,
            region,
            endpoints,
            account: OnceCell::new(),
            issuers: Mutex::default(),
        })
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where credentials come from.
    ///
    /// # Errors
    /// Nowhere.
    pub fn credentials(&self) -> Result<SharedCredentialsProvider, Diagnostics> {
        self.config.credentials_provider().ok_or_else(|| {
            let mut diagnostics = Diagnostics::new();
            diagnostics.remote("There are no AWS credentials", NO_CREDENTIALS);
            diagnostics
        })
    }

    /// A client of EKS.
    #[must_use]
    pub fn eks(&self) -> aws_sdk_eks::Client {
        let mut config = aws_sdk_eks::config::Builder::from(&self.config);
        if let Some(url) = self.endpoints.get("eks") {
            config.set_endpoint_url(Some(url.clone()));
        }
        aws_sdk_eks::Client::from_conf(config.build())
    }

    /// A client of AWS Private CA.
    #[must_use]
    pub fn acm_pca(&self) -> aws_sdk_acmpca::Client {
        let mut config = aws_sdk_acmpca::config::Builder::from(&self.config);
        if let Some(url) = self.endpoints.get("acmpca") {
            config.set_endpoint_url(Some(url.clone()));
        }
        aws_sdk_acmpca::Client::from_conf(config.build())
    }

    /// The account of the credentials; asked once.
    ///
    /// # Errors
    /// No credentials, or STS refuses.
    pub async fn account(&self) -> Result<&str, Diagnostics> {
        let ask = async {
            let mut config = aws_sdk_sts::config::Builder::from(&self.config);
            if let Some(url) = self.endpoints.get("sts") {
                config.set_endpoint_url(Some(url.clone()));
            }
            let sts = aws_sdk_sts::Client::from_conf(config.build());
            let answer = sts.get_caller_identity().send().await;
            let answer = answer.map_err(|error| self.refused("sts:GetCallerIdentity", "the caller", &error))?;
            Ok(answer.account().unwrap_or_default().to_owned())
        };
        self.account.get_or_try_init(|| ask).await.map(String::as_str)
    }

    /// Refuses accounts that the provider may not work in.
    ///
    /// # Errors
    /// Another account than the allowed ones.
    pub async fn check_account(&self, allowed: Option<&Vec<String>>) -> Result<(), Diagnostics> {
        let Some(allowed) = allowed else { return Ok(()) };
        let account = self.account().await?;
        if allowed.iter().any(|allowed| allowed == account) {
            return Ok(());
        }
        let mut diagnostics = Diagnostics::new();
        let detail = format!(
            "The credentials belong to account {account}; `allowed_account_ids` has {}. Nothing was called there.\n\nUse \
             credentials of an allowed account.",
            allowed.join(", ")
        );
        diagnostics.input(
            AttributePath::root("allowed_account_ids"),
            "This is another account",
            detail,
        );
        Err(diagnostics)
    }

    /// The message of a call that failed: operation, target, code and words, request id, and what to do.
    pub fn refused<E>(&self, operation: &str, target: &str, error: &SdkError<E, HttpResponse>) -> Diagnostics
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        SdkError<E, HttpResponse>: RequestId,
    {
        let mut diagnostics = Diagnostics::new();
        let code = error.code().unwrap_or_default();
        let words = match error.as_service_error() {
            Some(service) => format!("{code}: {}", service.message().unwrap_or("no message")),
            None => chain(error),
        };
        let request = error
            .request_id()
            .map(|id| format!(" (request {id})"))
            .unwrap_or_default();
        let next = advice(operation, target, code, &words);
        diagnostics.remote(
            format!("AWS refused {operation}"),
            format!("{target}: {words}{request}\n\n{next}"),
        );
        diagnostics
    }
}

const NO_CREDENTIALS: &str = "No credentials were found in the environment, the profile, SSO or instance metadata. Log in (for \
                              example `aws sso login`), set AWS_PROFILE, or give the provider argument `profile`.";

fn advice(operation: &str, target: &str, code: &str, words: &str) -> String {
    match code {
        "AccessDeniedException" | "AccessDenied" => {
            format!("Grant `{operation}` on {target} to the provider's identity.")
        }
        "ExpiredTokenException" | "ExpiredToken" => "The credentials have expired: log in again.".to_owned(),
        "UnrecognizedClientException" | "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
            "The credentials were not accepted: check the profile and the account.".to_owned()
        }
        "ThrottlingException" | "TooManyRequestsException" | "RequestLimitExceeded" => {
            "AWS throttles: apply again, or raise `max_retries`.".to_owned()
        }
        "ResourceNotFoundException" => "Check the name or ARN, the account and the Region.".to_owned(),
        "LimitExceededException" => {
            "A quota is used up: have it raised in Service Quotas, or delete what is not used.".to_owned()
        }
        _ if words.contains("credential") => NO_CREDENTIALS.to_owned(),
        _ => "Mend what AWS says, and apply again.".to_owned(),
    }
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        words = format!("{words}: {inner}");
        source = inner.source();
    }
    words
}

/// Assumes a role on top of `base`, at the STS that the provider's `endpoints` name.
async fn assume(base: SdkConfig, role: &AssumeRole, sts: Option<&String>) -> SdkConfig {
    let name = role.session_name.as_str().unwrap_or("e2etls");
    let at_sts = match sts {
        Some(url) => base.clone().into_builder().endpoint_url(url).build(),
        None => base.clone(),
    };
    let mut provider = aws_config::sts::AssumeRoleProvider::builder(role.role_arn.as_str().unwrap_or_default())
        .session_name(name)
        .configure(&at_sts);
    if let Some(id) = role.external_id.as_str() {
        provider = provider.external_id(id);
    }
    let provider = provider.build().await;
    base.into_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build()
}

fn with_web_identity(base: SdkConfig, identity: &crate::provider::model::WebIdentity) -> SdkConfig {
    use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
    let at = aws_config::provider_config::ProviderConfig::default().with_region(base.region().cloned());
    let provider = WebIdentityTokenCredentialsProvider::builder()
        .configure(&at)
        .static_configuration(StaticConfiguration {
            web_identity_token_file: identity.web_identity_token_file.as_str().unwrap_or_default().into(),
            role_arn: identity.role_arn.as_str().unwrap_or_default().to_owned(),
            session_name: identity.session_name.as_str().unwrap_or("e2etls").to_owned(),
        })
        .build();
    base.into_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build()
}
