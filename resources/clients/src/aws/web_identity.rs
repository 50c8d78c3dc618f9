//! Credentials for a web identity token, from the STS that the settings name: the SDK's own provider asks AWS whatever
//! the settings say, and loses STS's words.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};

use super::settings::WebIdentity;
use super::{Effect, bounds, refused};

/// `sts:AssumeRoleWithWebIdentity`; the token is read again each time, because its file is rewritten before it expires.
#[derive(Debug)]
pub(super) struct WebIdentityProvider {
    sts: aws_sdk_sts::Client,
    identity: WebIdentity,
}

impl WebIdentityProvider {
    pub(super) fn new(base: &SdkConfig, identity: &WebIdentity, sts: Option<&str>) -> Self {
        let mut config = aws_sdk_sts::config::Builder::from(base).timeout_config(bounds(Effect::Read));
        if let Some(url) = sts {
            config.set_endpoint_url(Some(url.to_owned()));
        }
        Self {
            sts: aws_sdk_sts::Client::from_conf(config.build()),
            identity: identity.clone(),
        }
    }

    async fn assume(&self) -> Result {
        let WebIdentity {
            role_arn,
            token_file,
            session_name,
        } = &self.identity;
        let token = std::fs::read_to_string(token_file)
            .map_err(|error| CredentialsError::invalid_configuration(format!("{token_file}: {error}")))?;
        let call = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(role_arn)
            .role_session_name(session_name.as_deref().unwrap_or("e2etls"))
            .web_identity_token(token.trim());
        let answer = call.send().await.map_err(|error| {
            let refusal = refused("sts:AssumeRoleWithWebIdentity", role_arn, Effect::Read, &error);
            CredentialsError::provider_error(refusal)
        })?;
        let found = answer.credentials();
        let found = found.ok_or_else(|| CredentialsError::unhandled("the response of STS contains no credentials"))?;
        Ok(Credentials::new(
            found.access_key_id(),
            found.secret_access_key(),
            Some(found.session_token().to_owned()),
            SystemTime::try_from(*found.expiration()).ok(),
            "web identity",
        ))
    }
}

impl ProvideCredentials for WebIdentityProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}
