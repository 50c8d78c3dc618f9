//! What the time of a first apply was spent on: for each proxy, how long its certificate and its rollout were waited for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::lab::Call;

/// Medians over the proxies of a command, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Waits {
    /// From the apply of the Certificate to that of the Deployment, which comes after the issuance.
    pub issuance: f64,
    /// From the apply of the Deployment to the removal of the mark, which comes after the rollout.
    pub rollout: f64,
}

/// When the objects of one proxy were applied.
#[derive(Default)]
struct Applied {
    certificate: Option<Timestamp>,
    deployment: Option<Timestamp>,
    configuration: Vec<Timestamp>,
}

impl Waits {
    /// Read off the calls; `None` if no proxy was made.
    pub(super) fn of(calls: &[Call]) -> Option<Self> {
        let mut proxies: BTreeMap<(String, String), Applied> = BTreeMap::new();
        for call in calls.iter().filter(|call| call.method == "PATCH") {
            let (Some((namespace, plural, name)), Ok(time)) = (named(&call.path), call.time.parse()) else {
                continue;
            };
            let proxy = name.strip_suffix("-config").unwrap_or(name);
            let applied = proxies.entry((namespace.to_owned(), proxy.to_owned())).or_default();
            match plural {
                "certificates" => applied.certificate = applied.certificate.or(Some(time)),
                "deployments" => applied.deployment = applied.deployment.or(Some(time)),
                "configmaps" => applied.configuration.push(time),
                _ => {}
            }
        }
        let waits: Vec<(f64, f64)> = proxies.values().filter_map(Applied::waits).collect();
        Some(Self {
            issuance: median(waits.iter().map(|wait| wait.0))?,
            rollout: median(waits.iter().map(|wait| wait.1))?,
        })
    }
}

impl Applied {
    fn waits(&self) -> Option<(f64, f64)> {
        let (certificate, deployment) = (self.certificate?, self.deployment?);
        let marked_off = self.configuration.get(1)?;
        let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64();
        Some((seconds(certificate, deployment), seconds(deployment, *marked_off)))
    }
}

/// Namespace, plural and name of a path to one object.
fn named(path: &str) -> Option<(&str, &str, &str)> {
    let path = path.split('?').next()?;
    let (_, rest) = path.split_once("/namespaces/")?;
    let mut steps = rest.split('/');
    Some((steps.next()?, steps.next()?, steps.next()?))
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn waits_are_read_off_the_order_of_applies() {
        let call = |second: u32, path: &str| -> Call {
            serde_json::from_value(
                json!({"n": 1, "time": format!("2026-11-21T00:00:{second:02}Z"), "target": "kube",
                "method": "PATCH", "path": path, "request_bytes": 0, "response_bytes": 0}),
            )
            .expect("a call")
        };
        let calls = [
            call(1, "/api/v1/namespaces/a/configmaps/web-proxy-config?force=false"),
            call(1, "/apis/cert-manager.io/v1/namespaces/a/certificates/web-proxy"),
            call(3, "/apis/apps/v1/namespaces/a/deployments/web-proxy"),
            call(8, "/api/v1/namespaces/a/configmaps/web-proxy-config"),
        ];
        assert_eq!(
            Waits::of(&calls),
            Some(Waits {
                issuance: 2.0,
                rollout: 5.0
            })
        );
        assert_eq!(Waits::of(&calls[..3]), None);
    }
}
