//! How AWS is reached: what the SDK's environment and files say, with these on top.

use std::collections::BTreeMap;

use crate::url::of_server;

/// How AWS is reached. What is absent is taken from the SDK's environment variables and files.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Region.
    pub region: Option<String>,
    /// Profile of the configuration files.
    pub profile: Option<String>,
    /// A role to assume for all calls.
    pub assume_role: Option<AssumeRole>,
    /// A role to assume with a web identity token; `assume_role` comes on top of it.
    pub web_identity: Option<WebIdentity>,
    /// URLs in place of AWS's, by the SDK's name of the service: `acm`, `acmpca`, `cloudwatch`, `ec2`, `eks`, `elbv2`,
    /// `iam`, `route53`, `sts`.
    pub endpoints: BTreeMap<String, String>,
    /// Attempts of each call, the first included; the SDK's 3 if absent.
    pub max_retries: Option<u32>,
    /// Use endpoints that comply with FIPS 140.
    pub fips: Option<bool>,
}

/// The URL of a service. The SDK ends the process over one that it can't use.
///
/// # Errors
/// What is wrong with it, and what is valid.
pub fn endpoint_url(text: &str) -> Result<(), String> {
    match of_server(text) {
        Some(_) => Ok(()),
        None => Err(format!(
            "`{text}` is not the URL of an endpoint: use `https://HOST` or `https://HOST:PORT`"
        )),
    }
}

/// A role to assume (`sts:AssumeRole`).
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Name of the session; `e2etls` if absent.
    pub session_name: Option<String>,
}

/// A role to assume with a token (`sts:AssumeRoleWithWebIdentity`).
#[derive(Clone, Debug, Default)]
pub struct WebIdentity {
    /// ARN of the role.
    pub role_arn: String,
    /// Path of the file with the token.
    pub token_file: String,
    /// Name of the session; `e2etls` if absent.
    pub session_name: Option<String>,
}
