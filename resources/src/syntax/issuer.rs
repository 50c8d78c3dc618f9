//! Checks of how AWS Private CA is used.

use super::{Checked, refuse};

/// Name of a template of AWS Private CA.
pub fn ca_template(text: &str) -> Checked {
    let sound = text.split_once("/V").is_some_and(|(name, version)| {
        let name_sound = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        name_sound && !version.is_empty() && version.chars().all(|c| c.is_ascii_digit())
    });
    if sound {
        return Ok(());
    }
    let hint = if text.starts_with("arn:") {
        " Use only the last part of the ARN."
    } else {
        ""
    };
    refuse(format!(
        "`{text}` is not a valid template name, such as `EndEntityCertificate/V1`.{hint}"
    ))
}
