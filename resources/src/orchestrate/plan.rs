//! The map `parts` as a plan shows it: pure, and known as far as its inputs are.

use tfplugin_framework::Attr;

use super::create::{secret_address, secret_state};
use super::part::{Part, PartState, Parts};
use crate::orchestrate::unknown::is_unknown;
use e2etls_clients::kube::kinds::CERTIFICATE;

/// What `parts` will be: entries whose content stays are kept, others show their new digest.
///
/// Under a part that was seen to drift stands the desired digest again, so that the plan shows the healing.
#[must_use]
pub fn plan_parts(prior: Option<&Parts>, parts: &[Part]) -> Parts {
    let mut planned = Parts::new();
    for part in parts {
        let before = prior.and_then(|prior| prior.get(&part.address));
        planned.insert(part.address.clone(), plan_part(before, part));
        if part.kind == CERTIFICATE && part.manifest["spec"]["secretName"].is_string() {
            let address = secret_address(&part.address);
            let state = secret_state(part, Attr::Unknown);
            let kept = prior
                .and_then(|prior| prior.get(&address))
                .filter(|kept| kept.r#ref == state.r#ref);
            planned.insert(address, kept.cloned().unwrap_or(state));
        }
    }
    planned
}

fn plan_part(before: Option<&PartState>, part: &Part) -> PartState {
    let named = !is_unknown(&part.manifest["metadata"]);
    let reference = if named {
        Attr::Known(part.reference())
    } else {
        Attr::Unknown
    };
    let kept =
        before.filter(|before| before.r#ref == reference && before.uid.as_str().is_some_and(|uid| !uid.is_empty()));
    PartState {
        r#ref: reference,
        uid: kept.map_or(Attr::Unknown, |kept| kept.uid.clone()),
        digest: part.digest(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::orchestrate::part::DRIFTED;
    use crate::orchestrate::unknown::UNKNOWN;

    fn config(text: &str) -> Part {
        Part::new(
            "proxy/config",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}, "data": {"k": text}}),
        )
    }

    fn applied(part: &Part) -> Parts {
        let mut parts = plan_parts(None, std::slice::from_ref(part));
        for state in parts.values_mut() {
            state.uid = Attr::Known("uid".to_owned());
        }
        parts
    }

    #[test]
    fn a_new_part_has_a_digest_and_no_uid() {
        let planned = plan_parts(None, &[config("1")]);
        assert!(planned["proxy/config"].uid.is_unknown());
        assert!(planned["proxy/config"].digest.as_str().is_some());
        assert_eq!(planned["proxy/config"].r#ref.as_str(), Some("ConfigMap b/a"));
    }

    #[test]
    fn an_unchanged_part_is_kept_and_a_changed_one_keeps_its_uid() {
        let prior = applied(&config("1"));
        assert_eq!(plan_parts(Some(&prior), &[config("1")]), prior);
        let changed = plan_parts(Some(&prior), &[config("2")]);
        assert_eq!(changed["proxy/config"].uid.as_str(), Some("uid"));
        assert_ne!(changed["proxy/config"].digest, prior["proxy/config"].digest);
    }

    #[test]
    fn a_drifted_part_shows_the_desired_digest_again() {
        let mut prior = applied(&config("1"));
        let desired = prior["proxy/config"].digest.clone();
        prior
            .entry("proxy/config".to_owned())
            .and_modify(|state| state.digest = Attr::Known(format!("{DRIFTED}x")));
        assert_eq!(plan_parts(Some(&prior), &[config("1")])["proxy/config"].digest, desired);
    }

    #[test]
    fn a_part_with_an_unknown_input_has_an_unknown_digest() {
        assert!(plan_parts(None, &[config(UNKNOWN)])["proxy/config"].digest.is_unknown());
    }
}
