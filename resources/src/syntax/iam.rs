//! Checks of what IAM takes.

use super::{Checked, refuse};

/// Most characters of the name of a role.
pub const ROLE_NAME: usize = 64;

/// Region (which IAM has none of), account and resource of an ARN of IAM.
fn fields(arn: &str) -> Option<[&str; 3]> {
    match arn.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam", region, account, resource] => Some([region, account, resource]),
        _ => None,
    }
}

fn is_named(resource: &str, kind: &str) -> bool {
    resource.strip_prefix(kind).is_some_and(|name| !name.is_empty())
}

/// ARN of a role.
pub fn role_arn(text: &str) -> Checked {
    match fields(text) {
        Some([_, account, resource]) if account.len() == 12 && is_named(resource, "role/") => Ok(()),
        _ => refuse(format!(
            "`{text}` is not a valid role ARN, such as `arn:aws:iam::111122223333:role/issuer`"
        )),
    }
}

/// ARN of a managed policy: of an account, or of AWS.
pub fn policy_arn(text: &str) -> Checked {
    match fields(text) {
        Some(["", account, resource]) if (account.len() == 12 || account == "aws") && is_named(resource, "policy/") => {
            Ok(())
        }
        _ => refuse(format!(
            "`{text}` is not a valid policy ARN, such as `arn:aws:iam::111122223333:policy/boundary`"
        )),
    }
}

/// Name of a role (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>).
pub fn role_name(text: &str) -> Checked {
    let valid = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if (1..=ROLE_NAME).contains(&text.len()) && text.chars().all(valid) {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid role name: 1 to 64 letters, digits and `+=,.@_-`, without a path"
    ))
}

/// The issuer, without `https://`, in the ARN of an OpenID Connect provider.
pub fn oidc_issuer(arn: &str) -> Option<&str> {
    match fields(arn) {
        Some(["", account, resource]) if account.len() == 12 => resource.strip_prefix("oidc-provider/"),
        _ => None,
    }
}

/// ARN of an OpenID Connect provider.
pub fn oidc_provider_arn(text: &str) -> Checked {
    if oidc_issuer(text).is_some_and(|issuer| !issuer.is_empty() && !issuer.contains("://")) {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid ARN of an OpenID Connect provider, such as \
         `arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE`"
    ))
}
