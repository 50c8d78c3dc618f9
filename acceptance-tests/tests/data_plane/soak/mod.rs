//! The soak: every kind of traffic at once, while certificates renew, name servers fall silent, the app and the proxy roll out
//! and a Pod is deleted.
//!
//! `SOAK_SECONDS=600 cargo test -p acceptance-tests --test data_plane soak -- --nocapture` is the long form, which
//! `cargo figures soak` starts. It prints the count of each client.

mod app;
mod clients;

use std::time::Duration;

use e2etls_resources::proxy::render::spec::{Protocol, ProxySpec};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::bench::{Authority, Bench, address};
use app::Orders;
use clients::{Count, Service};

/// Seconds of the short form.
const SHORT: u64 = 60;
/// Between two renewals.
const RENEWAL: Duration = Duration::from_secs(30);
/// How long a stopping Pod still accepts connections: that of its `preStop`.
const PRE_STOP: Duration = Duration::from_secs(10);
/// What a stopping Pod is granted here for what is still under way.
const GRACE: Duration = Duration::from_secs(20);

fn plain(spec: &mut ProxySpec) {
    spec.http.websocket = true.into();
    spec.http.max_body_size = "50m".to_owned();
    spec.http.read_timeout = "10m".to_owned();
}

fn grpc(spec: &mut ProxySpec) {
    spec.upstream.protocol = Protocol::Grpc.into();
    spec.http.max_body_size = "0".to_owned();
}

/// A Deployment of two Pods, and the Service in front of it.
struct Rollout {
    pods: Vec<Bench>,
    service: Service,
    authority: Authority,
    app: std::net::Ipv4Addr,
    change: fn(&mut ProxySpec),
}

impl Rollout {
    async fn new(app: std::net::Ipv4Addr, change: fn(&mut ProxySpec)) -> Self {
        let authority = Authority::new();
        let mut rollout = Self {
            pods: Vec::new(),
            service: Service::new(authority.pem()),
            authority,
            app,
            change,
        };
        rollout.add().await;
        rollout.add().await;
        rollout
    }

    async fn add(&mut self) {
        let authority = self.authority.clone();
        let pod = Bench::of(App::polite(), self.change, authority, self.app).await;
        self.service.ready.lock().expect("it works").push(pod.address);
        self.pods.push(pod);
    }

    /// The oldest Pod ends, as Kubernetes ends Pods: no new connections, `preStop`, the stop signal.
    async fn stop_one(&mut self) {
        let pod = self.pods.remove(0);
        self.service
            .ready
            .lock()
            .expect("it works")
            .retain(|ready| *ready != pod.address);
        tokio::time::sleep(PRE_STOP).await;
        pod.pod.stop(GRACE).await;
    }

    async fn renew(&mut self) {
        futures::future::join_all(self.pods.iter_mut().map(Bench::renew)).await;
    }

    fn silence(&self, one_of: u8) {
        for pod in &self.pods {
            pod.names.silence(one_of);
        }
    }

    fn app_moves(&mut self, to: std::net::Ipv4Addr) {
        self.app = to;
        for pod in &self.pods {
            pod.names.set("shop-upstream.web", &[to]);
        }
    }
}

/// What happens meanwhile, in order.
async fn events(plain: &mut Rollout, grpc: &mut Rollout, orders: &Orders, first: CancellationToken, seconds: u64) {
    let began = tokio::time::Instant::now();
    let end = began + Duration::from_secs(seconds);
    let mut round = 0;
    let mut old = first;
    while tokio::time::Instant::now() < end {
        let next = tokio::time::Instant::now() + RENEWAL.min(Duration::from_secs(seconds / 4));
        tokio::join!(plain.renew(), grpc.renew());
        match round % 4 {
            0 => {
                plain.silence(1);
                grpc.silence(2);
            }
            1 => {
                plain.silence(0);
                grpc.silence(0);
                let (to, stop) = (address(), CancellationToken::new());
                app::serve(to, orders.clone(), stop.clone()).await;
                plain.app_moves(to);
                grpc.app_moves(to);
                // As long as addresses of the app are believed, the old Pods of the app serve.
                tokio::time::sleep(Duration::from_secs(12)).await;
                std::mem::replace(&mut old, stop).cancel();
            }
            2 => {
                plain.add().await;
                plain.stop_one().await;
            }
            _ => {
                plain.stop_one().await;
                plain.add().await;
            }
        }
        round += 1;
        tokio::time::sleep_until(next.min(end)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn soak() {
    let seconds = std::env::var("SOAK_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(SHORT);
    let (orders, first, stop) = (Orders::default(), address(), CancellationToken::new());
    app::serve(first, orders.clone(), stop.clone()).await;
    let (mut plain, mut grpc) = (Rollout::new(first, plain).await, Rollout::new(first, grpc).await);
    let megabytes = usize::try_from(seconds / 2).unwrap_or(300).min(300);
    let bytes = megabytes << 20;
    // So slow that it lasts for several renewals.
    let pause = Duration::from_secs(seconds) * 16 * 1024 / u32::try_from(2 * bytes.max(1)).unwrap_or(u32::MAX);
    let services = (plain.service.clone(), grpc.service.clone());
    let (of_plain, of_grpc) = (|| services.0.clone(), || services.1.clone());
    let download = format!("/big/{bytes}");
    let clients = vec![
        (
            "HTTP/1.1, kept connections",
            tokio::spawn(clients::balancer(of_plain(), "a", 0)),
        ),
        (
            "HTTP/1.1, kept connections, too",
            tokio::spawn(clients::balancer(of_plain(), "b", 0)),
        ),
        (
            "uploads of 3 MB",
            tokio::spawn(clients::balancer(of_plain(), "u", 3 << 20)),
        ),
        ("HTTP/2", tokio::spawn(clients::multiplexed(of_plain(), false))),
        ("gRPC", tokio::spawn(clients::multiplexed(of_grpc(), true))),
        ("WebSocket", tokio::spawn(clients::websocket(of_plain()))),
        (
            "server-sent events",
            tokio::spawn(clients::stream(of_plain(), "/events".to_owned(), 0, Duration::ZERO)),
        ),
        (
            "slow downloads",
            tokio::spawn(clients::stream(of_plain(), download, bytes, pause)),
        ),
    ];
    events(&mut plain, &mut grpc, &orders, stop, seconds).await;
    services.0.end();
    services.1.end();
    let mut counts = Vec::new();
    for (name, client) in clients {
        let count: Count = client.await.expect("it works");
        println!(
            "{name}: {} answered, {} lost {:?}",
            count.answered,
            count.lost.len(),
            count.lost
        );
        counts.push((name, count));
    }
    let log: Vec<String> = plain.pods.iter().map(|pod| pod.pod.log()).collect();
    let troubles: Vec<&str> = log
        .iter()
        .flat_map(|log| log.lines())
        .filter(|line| line.contains('['))
        .collect();
    for (name, count) in &counts {
        // A stream is cut when its Pod is gone for good: once for each Pod that was stopped.
        let stopped = usize::try_from(seconds).unwrap_or(0) / 30 + 2;
        let allowed = match *name {
            "WebSocket" | "server-sent events" | "slow downloads" => stopped,
            // HTTP/2 can't keep a request that crosses the proxy's own GOAWAY.
            "HTTP/2" | "gRPC" => count.answered / 500 + 1,
            _ => 0,
        };
        assert!(
            count.lost.len() <= allowed,
            "{name}: {count:?}\n{}",
            troubles.join("\n")
        );
        // A stream whose Pod was stopped last has flowed until then. One that stalls says so instead.
        let flowed = |lost: &String| !lost.contains("after 0 bytes") && lost.contains("UnexpectedEof");
        let is_stream = matches!(*name, "server-sent events" | "slow downloads");
        assert!(
            count.answered > 0 || is_stream && !count.lost.is_empty() && count.lost.iter().all(flowed),
            "{name}: {count:?}\n{}",
            troubles.join("\n")
        );
    }
    assert_eq!(orders.repeated(), Vec::<String>::new(), "no order was sent twice");
}
