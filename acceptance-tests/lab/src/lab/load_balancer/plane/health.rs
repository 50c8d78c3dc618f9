//! Health checks: each target is really asked, and moto told what came of it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use super::snapshot::{Check, Group, Health, Moto, Target};
use crate::kubelet::{connect, get_from, lab_port, to_loopback};
use crate::lab::load_balancer::sources;

/// The lab's own interval, in place of the 5 to 300 seconds of the service.
const INTERVAL: Duration = Duration::from_millis(250);

/// A target of a group.
type Key = (String, String, u16);

/// What is known of a target from one check to the next.
struct Checked {
    since: Instant,
    last: Option<bool>,
    in_row: u32,
    told: Option<Health>,
}

/// Checks until the process ends.
pub(super) async fn run(moto: Moto, octet: u8, registration: Duration) {
    let mut known: BTreeMap<Key, Checked> = BTreeMap::new();
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Ok(snapshot) = moto.snapshot().await else { continue };
        let mut checked = BTreeMap::new();
        let mut work = Vec::new();
        for group in snapshot
            .target_groups
            .iter()
            .filter(|group| !group.load_balancer_arns.is_empty())
        {
            for target in group.targets.iter().filter(|target| target.state != "draining") {
                let key = (group.arn.clone(), target.id.clone(), target.port);
                // Registered anew: its health starts anew too.
                let kept = known
                    .remove(&key)
                    .filter(|it| it.told.is_none() || target.state != "initial");
                let state = kept.unwrap_or_else(Checked::new);
                work.push(one(&moto, octet, registration, group, target, key, state));
            }
        }
        checked.extend(futures::future::join_all(work).await);
        known = checked;
    }
}

async fn one(
    moto: &Moto,
    octet: u8,
    registration: Duration,
    group: &Group,
    target: &Target,
    key: Key,
    mut state: Checked,
) -> (Key, Checked) {
    if state.since.elapsed() < registration {
        return (key, state);
    }
    let balancer = group.load_balancer_arns.first().map_or("", String::as_str);
    // Every node of the load balancer asks; one that gets no answer is enough.
    let asked = sources(octet, balancer).map(|source| ask(source, &group.health_check, target));
    let answer = futures::future::try_join_all(asked).await.map(drop);
    if let Some(health) = state.health(&group.health_check, answer)
        && state.told.as_ref() != Some(&health)
        && moto.observe(&group.arn, target, &health).await.is_ok()
    {
        state.told = Some(health);
    }
    (key, state)
}

/// Why a check failed.
#[derive(Debug)]
enum Failed {
    Code(u16),
    Time,
    Connection,
}

impl Checked {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            last: None,
            in_row: 0,
            told: None,
        }
    }

    /// The health after this answer, if a threshold is reached. The first success of a new target is enough.
    fn health(&mut self, check: &Check, answer: Result<(), Failed>) -> Option<Health> {
        let is_good = answer.is_ok();
        self.in_row = if self.last == Some(is_good) { self.in_row + 1 } else { 1 };
        self.last = Some(is_good);
        let needed = match (is_good, &self.told) {
            (true, None) => 1,
            (true, Some(_)) => check.healthy,
            (false, _) => check.unhealthy,
        };
        (self.in_row >= needed).then(|| described(answer))
    }
}

fn described(answer: Result<(), Failed>) -> Health {
    let (reason, description) = match answer {
        Ok(()) => {
            return Health {
                state: "healthy",
                reason: None,
                description: None,
            };
        }
        Err(Failed::Code(code)) => (
            "Target.ResponseCodeMismatch",
            format!("Health checks failed with these codes: [{code}]"),
        ),
        Err(Failed::Time) => ("Target.Timeout", "Request timed out".to_owned()),
        Err(Failed::Connection) => ("Target.FailedHealthChecks", "Health checks failed".to_owned()),
    };
    Health {
        state: "unhealthy",
        reason: Some(reason),
        description: Some(description),
    }
}

async fn ask(source: Ipv4Addr, check: &Check, target: &Target) -> Result<(), Failed> {
    let port = check.port.parse().unwrap_or(target.port);
    let address: Ipv4Addr = target.id.parse().map_err(|_| Failed::Connection)?;
    let to = SocketAddrV4::new(to_loopback(address), lab_port(port));
    let limit = Duration::from_secs_f64(check.timeout_seconds.clamp(0.1, 2.0));
    let asked = tokio::time::timeout(limit, async {
        let source = Some(IpAddr::V4(source));
        if !check.protocol.starts_with("HTTP") {
            return connect(source, to).await.map(|_| None);
        }
        let headers = [
            ("user-agent".to_owned(), "ELB-HealthChecker/2.0".to_owned()),
            ("host".to_owned(), format!("{address}:{port}")),
        ];
        let got = get_from(source, to, check.protocol == "HTTPS", &check.path, &headers).await;
        got.map(|(code, _)| Some(code))
    });
    match asked.await {
        Err(_) => Err(Failed::Time),
        Ok(Err(_)) => Err(Failed::Connection),
        Ok(Ok(Some(code))) if !is_success(&check.codes, code) => Err(Failed::Code(code)),
        Ok(Ok(_)) => Ok(()),
    }
}

/// True if a code is one of `200`, `200,204` or `200-399`.
fn is_success(codes: &str, code: u16) -> bool {
    codes.split(',').any(|part| {
        let (first, last) = part.trim().split_once('-').unwrap_or((part.trim(), part.trim()));
        let range = first.parse::<u16>().ok().zip(last.parse::<u16>().ok());
        range.is_some_and(|(first, last)| (first..=last).contains(&code))
    })
}

#[cfg(test)]
mod tests {
    use super::is_success;

    #[test]
    fn codes_are_lists_and_ranges() {
        assert!(is_success("200", 200) && !is_success("200", 204));
        assert!(is_success("200,404-405", 405) && !is_success("200,404-405", 403));
    }
}
