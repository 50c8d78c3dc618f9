//! Startup, readiness and liveness probes: when they run and what their answers mean.

use std::net::SocketAddrV4;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::address::Ports;

mod http;

pub(crate) use http::{get, get_from};

/// A probe's numbers with the API's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) delay: Duration,
    pub(crate) period: Duration,
    pub(crate) timeout: Duration,
    successes: u32,
    failures: u32,
}

impl Schedule {
    pub(crate) fn of(probe: &Probe) -> Self {
        let number = |value: Option<i32>, default: u32| {
            value
                .and_then(|v| u32::try_from(v).ok())
                .filter(|v| *v > 0)
                .unwrap_or(default)
        };
        let seconds = |value, default| Duration::from_secs(number(value, default).into());
        Self {
            delay: seconds(probe.initial_delay_seconds, 0),
            period: seconds(probe.period_seconds, 10),
            timeout: seconds(probe.timeout_seconds, 1),
            successes: number(probe.success_threshold, 1),
            failures: number(probe.failure_threshold, 3),
        }
    }
}

/// Counts answers in a row; says when a threshold is reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    schedule: Schedule,
    last: Option<bool>,
    run: u32,
}

impl Tally {
    pub(crate) const fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            last: None,
            run: 0,
        }
    }

    /// The probe's result after this answer: `None` while no threshold is reached.
    pub(crate) fn add(&mut self, ok: bool) -> Option<bool> {
        self.run = if self.last == Some(ok) {
            self.run.saturating_add(1)
        } else {
            1
        };
        self.last = Some(ok);
        let needed = if ok {
            self.schedule.successes
        } else {
            self.schedule.failures
        };
        (self.run >= needed).then_some(ok)
    }
}

/// A request that a probe or a hook makes to the pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Exec(Vec<String>),
    Get {
        to: SocketAddrV4,
        tls: bool,
        path: String,
        headers: Vec<(String, String)>,
    },
    Connect(SocketAddrV4),
}

/// What the probe asks, of the pod at `address`.
pub(crate) fn request(
    probe: &Probe,
    container: &Container,
    address: std::net::Ipv4Addr,
    ports: Ports,
) -> Option<Request> {
    if let Some(exec) = &probe.exec {
        return Some(Request::Exec(exec.command.clone().unwrap_or_default()));
    }
    if let Some(get) = &probe.http_get {
        let headers = get
            .http_headers
            .iter()
            .flatten()
            .map(|h| (h.name.clone(), h.value.clone()));
        return Some(Request::Get {
            to: SocketAddrV4::new(address, ports.lab_port(port(&get.port, container)?)),
            tls: get.scheme.as_deref() == Some("HTTPS"),
            path: get.path.clone().unwrap_or_else(|| "/".to_owned()),
            headers: headers.collect(),
        });
    }
    let connect = probe.tcp_socket.as_ref()?;
    Some(Request::Connect(SocketAddrV4::new(
        address,
        ports.lab_port(port(&connect.port, container)?),
    )))
}

/// A port by number or by the container's own name for it.
pub(crate) fn port(port: &IntOrString, container: &Container) -> Option<u16> {
    match port {
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::String(name) => {
            let named = container
                .ports
                .iter()
                .flatten()
                .find(|p| p.name.as_deref() == Some(name))?;
            u16::try_from(named.container_port).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe() -> Probe {
        Probe {
            success_threshold: Some(2),
            failure_threshold: Some(3),
            period_seconds: Some(5),
            ..Probe::default()
        }
    }

    #[test]
    fn absent_numbers_are_the_apis_defaults() {
        let schedule = Schedule::of(&Probe::default());
        assert_eq!(
            (
                schedule.delay.as_secs(),
                schedule.period.as_secs(),
                schedule.timeout.as_secs()
            ),
            (0, 10, 1)
        );
        assert_eq!((schedule.successes, schedule.failures), (1, 3));
        assert_eq!(Schedule::of(&probe()).period.as_secs(), 5);
    }

    #[test]
    fn thresholds_count_answers_in_a_row() {
        let mut tally = Tally::new(Schedule::of(&probe()));
        let results: Vec<_> = [true, true, false, false, true, false, false, false, false]
            .map(|ok| tally.add(ok))
            .to_vec();
        assert_eq!(
            results,
            [None, Some(true), None, None, None, None, None, Some(false), Some(false)]
        );
    }

    #[test]
    fn named_ports_and_privileged_ports_are_found() {
        let container: Container = serde_json::from_value(serde_json::json!({
            "name": "c", "ports": [{"name": "http", "containerPort": 80}]
        }))
        .unwrap();
        let probe: Probe =
            serde_json::from_value(serde_json::json!({"httpGet": {"port": "http", "path": "/x"}})).unwrap();
        let address = std::net::Ipv4Addr::new(127, 1, 0, 1);
        let Some(Request::Get { to, tls, path, .. }) = request(&probe, &container, address, Ports::new(false)) else {
            panic!()
        };
        assert_eq!(
            (to.to_string().as_str(), tls, path.as_str()),
            ("127.1.0.1:30080", false, "/x")
        );
    }
}
