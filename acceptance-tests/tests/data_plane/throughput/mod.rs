//! What a request, a handshake and a Pod cost, beside a hand-tuned NGINX on the same machine in the same run.

mod load;
mod servers;

use std::net::Ipv4Addr;
use std::time::Duration;

use self::load::{handshakes, kept};
use self::servers::{Nginx, memory, processor_time};
use crate::app::App;
use crate::bench::{Bench, address};
use crate::client::Client;

/// How much is measured.
struct Extent {
    /// Rounds of each server, in turn.
    rounds: usize,
    requests: usize,
    handshake_seconds: u64,
}

/// A few seconds in the gate, whose machine does other things too.
const GATE: Extent = Extent {
    rounds: 3,
    requests: 8000,
    handshake_seconds: 1,
};
/// `cargo figures data-plane`.
const FIGURES: Extent = Extent {
    rounds: 9,
    requests: 40_000,
    handshake_seconds: 3,
};
/// Requests that a connection sends at once.
const DEPTH: usize = 16;

/// What is compared, of one server in one round, and whether more of it is better.
const MEASURES: [(&str, bool); 6] = [
    ("requests/s over kept connections", true),
    (JUDGED, false),
    ("p99 of a request, in microseconds", false),
    ("new TLS handshakes/s", true),
    ("microseconds of NGINX for a handshake", false),
    ("memory of the Pod, in KiB", false),
];
/// What a busy machine changes least.
const JUDGED: &str = "microseconds of NGINX for a request";

/// One server: the process id of its master, and its address.
#[derive(Clone, Copy)]
struct Server(u32, Ipv4Addr);

async fn round(bench: &Bench, Server(master, at): Server, extent: &Extent) -> [f64; MEASURES.len()] {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let count = extent.requests as f64;
    let before = processor_time(master);
    let (seconds, _) = kept(bench, at, extent.requests, DEPTH).await;
    let each = (processor_time(master) - before) / count;
    let (_, times) = kept(bench, at, extent.requests / 4, 1).await;
    let p99 = times[times.len() * 99 / 100].as_secs_f64() * 1e6;
    let before = processor_time(master);
    let shaken = handshakes(at, extent.handshake_seconds).await;
    let shake = (processor_time(master) - before) / shaken;
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let per_second = shaken / extent.handshake_seconds as f64;
    [count / seconds, each, p99, per_second, shake, memory(master)]
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The proxy does more than the other: it refuses hosts, strips headers, tells who is believed.
///
/// Only the processor time of a request is judged here, by the best round: whatever else runs on the machine makes one of the
/// two look worse. `cargo figures data-plane` measures longer; its medians are the figures. The lab's NGINX is a static build
/// with musl, which asks the kernel for each large buffer and gives it back: that is half of what a request costs.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_costs_what_it_costs_a_hand_tuned_nginx() {
    let extent = match std::env::var_os("DATA_PLANE_FIGURES") {
        Some(_) => FIGURES,
        None => GATE,
    };
    let bench = Bench::new(App::polite(), |_| {}).await;
    let _app = Nginx::app(bench.app_address);
    let at = address();
    let other = Nginx::hand_tuned(&bench, at);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ours = Server(bench.pod.id().unsigned_abs(), bench.address);
    let theirs = Server(other.id(), at);
    for server in [ours, theirs] {
        kept(&bench, server.1, extent.requests / 4, DEPTH).await; // warm
    }
    let mut rounds = Vec::new();
    for number in 0..extent.rounds {
        // In turn, and each of them first as often as the other.
        let pair = if number % 2 == 0 {
            let first = round(&bench, ours, &extent).await;
            [first, round(&bench, theirs, &extent).await]
        } else {
            let first = round(&bench, theirs, &extent).await;
            [round(&bench, ours, &extent).await, first]
        };
        rounds.push(pair);
    }
    println!(
        "{:<40} {:>10} {:>10} {:>7}  of each round",
        "median", "ours", "tuned", "ratio"
    );
    let mut missed = Vec::new();
    for (index, (name, more)) in MEASURES.into_iter().enumerate() {
        let of = |side: usize| median(rounds.iter().map(|pair| pair[side][index]).collect());
        let quotient = |pair: &[[f64; MEASURES.len()]; 2]| {
            let (ours, theirs) = (pair[0][index], pair[1][index]);
            if more { ours / theirs } else { theirs / ours }
        };
        let ratios: Vec<f64> = rounds.iter().map(quotient).collect();
        let ratio = median(ratios.clone());
        println!("{name:<40} {:>10.1} {:>10.1} {ratio:>7.3}  {ratios:.2?}", of(0), of(1));
        if ratio < 0.95 {
            missed.push(name);
        }
        if name == JUDGED {
            let best = ratios.into_iter().fold(0.0, f64::max);
            assert!(best > 0.85, "a request costs more than it shall: {best}");
        }
    }
    println!("below 0.95: {missed:?}");
}

/// Every Pod is asked every few seconds, also on a busy node.
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_costs_less_than_ten_milliseconds() {
    const PROBES: u32 = 50;
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    let master = bench.pod.id().unsigned_abs();
    let before = processor_time(master);
    for _ in 0..PROBES {
        let answer = Client::default().get(&bench, "/e2etls-healthz", "").await;
        assert_eq!(answer.status, 200);
    }
    let each = (processor_time(master) - before) / f64::from(PROBES) / 1e3;
    println!("a probe costs {each:.2} ms of processor time, with what the Pod did meanwhile");
    assert!(each < 10.0, "{each} ms");
}
