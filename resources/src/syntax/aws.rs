//! Checks of what AWS takes.

use std::collections::BTreeMap;

use tfplugin_framework::{AttributePath, Invalid};

use super::{Checked, refuse};

/// How the keys of the tags start that the provider keeps for itself.
pub const OWN_TAGS: &str = "e2etls:";

/// Most characters of the value of a tag.
const TAG_VALUE: usize = 256;

/// Most characters of an `owner_id`: a tag holds it together with the type, place and name of a resource.
const OWNER_ID: usize = 128;

/// A Region's code.
pub fn region(text: &str) -> Checked {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    let sound = match parts.split_last() {
        Some((number, names)) => {
            let counted = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
            counted && names.len() >= 2 && names.iter().all(letters)
        }
        None => false,
    };
    if sound {
        return Ok(());
    }
    refuse(format!("`{text}` is not a valid Region, such as `eu-central-1`"))
}

/// The ID of a hosted zone, without the prefix that the API puts before it.
pub fn zone_id(text: &str) -> Checked {
    let valid = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if !text.is_empty() && text.len() <= 32 && text.chars().all(valid) {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid ID of a hosted zone, such as `Z0123456789ABCDEFGHIJ`: use it without `/hostedzone/`"
    ))
}

/// The IDs of accounts: one at least, or no credentials would do.
pub fn account_ids(ids: &[String]) -> Checked {
    if ids.is_empty() {
        return refuse("the list is empty: omit the argument to allow all accounts".to_owned());
    }
    for (position, id) in ids.iter().enumerate() {
        if id.len() != 12 || !id.chars().all(|c| c.is_ascii_digit()) {
            return Err(Invalid::at(
                AttributePath::default().index(position),
                format!("`{id}` is not a valid account ID: use 12 digits in quotes, such as `\"111122223333\"`"),
            ));
        }
    }
    Ok(())
}

/// What marks the objects of one state: it is part of the value of a tag, and of an annotation.
pub fn owner_id(text: &str) -> Checked {
    if text.trim() != text || text.is_empty() {
        return refuse(format!(
            "`{text}` is not valid: use a text that is not empty and does not start or end with a space, such as \
             `payments/prod`"
        ));
    }
    if text.chars().count() > OWNER_ID {
        return refuse(format!(
            "this text has {} characters: use at most {OWNER_ID}",
            text.chars().count()
        ));
    }
    tag_text(text)
}

/// Tags of AWS: keys and values as every service takes them, without those that are AWS's own or the provider's.
pub fn tags(tags: &BTreeMap<String, String>) -> Checked {
    for (key, value) in tags {
        let at = |message: String| Err(Invalid::at(AttributePath::default().key(key), message));
        let why = match key.as_str() {
            "" => Some("a tag needs a key"),
            _ if key.starts_with("aws:") => Some("keys that start with `aws:` are reserved for AWS"),
            _ if key.starts_with(OWN_TAGS) => Some("keys that start with `e2etls:` are reserved for the provider"),
            _ if key.chars().count() > 128 => Some("a key has at most 128 characters"),
            _ => None,
        };
        if let Some(why) = why {
            return at(format!("{why}: use another key"));
        }
        if value.chars().count() > TAG_VALUE {
            return at(format!("a value has at most {TAG_VALUE} characters: use a shorter one"));
        }
        for text in [key, value] {
            tag_text(text).or_else(|invalid| at(invalid.message))?;
        }
    }
    Ok(())
}

/// The characters that every service takes in tags.
fn tag_text(text: &str) -> Checked {
    let taken = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    match text.chars().find(|c| !taken(*c)) {
        None => Ok(()),
        Some(c) => refuse(format!(
            "`{text}` contains {c:?}, which tags of AWS can't hold: use letters, digits, spaces and `_.:/=+-@`"
        )),
    }
}

/// The most actions of an alarm.
const ALARM_ACTIONS: usize = 5;

/// Days before the end of a certificate, from which an alarm is on; one of ACM is valid for 397 at most.
pub fn alarm_days(days: &i64) -> Checked {
    match (1..=397).contains(days) {
        true => Ok(()),
        false => Err(Invalid::new(format!(
            "`{days}` is not a valid number of days: use 1 to 397"
        ))),
    }
}

/// ARNs of what alarms start.
pub fn alarm_actions(actions: &[String]) -> Checked {
    if !(1..=ALARM_ACTIONS).contains(&actions.len()) {
        return Err(Invalid::new(format!(
            "use 1 to {ALARM_ACTIONS} actions: an alarm can't have more"
        )));
    }
    for (index, action) in actions.iter().enumerate() {
        let refuse = |message: String| Err(Invalid::at(AttributePath::default().index(index), message));
        if !action.starts_with("arn:") || action.chars().any(char::is_whitespace) {
            return refuse(format!(
                "`{action}` is not a valid ARN, such as `arn:aws:sns:eu-central-1:111122223333:certificates`"
            ));
        }
        if actions[..index].contains(action) {
            return refuse(format!("`{action}` is already in the list"));
        }
    }
    Ok(())
}

/// Name of an EKS cluster (<https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>).
pub fn eks_cluster_name(text: &str) -> Checked {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 100 && text.chars().all(valid) {
        return Ok(());
    }
    refuse(format!("`{text}` is not a valid name of an EKS cluster"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_others_are_not_given() {
        let of = |key: &str, value: &str| tags(&[(key.to_owned(), value.to_owned())].into());
        assert!(of("team", "größte 1/2").is_ok() && of("aws-team", "").is_ok());
        for key in ["", "aws:x", "e2etls:owner", "a,b", &"x".repeat(129)] {
            assert!(of(key, "").is_err(), "{key}");
        }
        for value in ["a\nb", "{}", &"x".repeat(257)] {
            assert!(of("team", value).is_err(), "{value}");
        }
    }

    #[test]
    fn regions_and_accounts_are_codes() {
        for good in ["eu-central-1", "us-gov-west-1", "ap-southeast-10", "eusc-de-east-1"] {
            assert!(region(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "eu_west",
            "eu-west",
            "eu-1",
            "EU-west-1",
            "eu-west-1a",
            "eu--west-1",
            " eu-west-1",
        ] {
            assert!(region(bad).is_err(), "{bad}");
        }
        let ids = |id: &str| account_ids(&["111122223333".to_owned(), id.to_owned()]);
        assert!(ids("000000000000").is_ok() && account_ids(&[]).is_err());
        for bad in ["", "12", "1111222233334", "11112222333x"] {
            assert_eq!(ids(bad).expect_err(bad).at.to_string(), "[1]");
        }
    }

    #[test]
    fn an_owner_fits_into_a_tag() {
        for good in ["payments/prod", "a", &"x".repeat(128), "team a@b+c=d"] {
            assert!(owner_id(good).is_ok(), "{good}");
        }
        for bad in ["", " ", " prod", "prod\n", "a#b", &"x".repeat(129)] {
            assert!(owner_id(bad).is_err(), "{bad}");
        }
        let longest = format!(
            "{}/public_certificate/111122223333/{}/{}",
            "x".repeat(OWNER_ID),
            "ap-southeast-10",
            "n".repeat(40)
        );
        assert!(longest.len() <= TAG_VALUE);
    }
}
