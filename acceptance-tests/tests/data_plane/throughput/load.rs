//! The load, as a load balancer sends it: kept connections that send many requests at once, kept connections that wait for
//! each answer, and connections that only shake hands. The first and the last keep the proxy busy, and cost the clients little.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::bench::{BALANCER, Bench, HOST};
use crate::client::Client;

/// Connections at the same time.
const CONNECTIONS: usize = 8;
/// How every answer of the app ends.
const END: &[u8] = b"yes";

fn request() -> String {
    format!(
        "GET /a/path?with=query HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: test\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\n\
         Accept-Language: en\r\nCookie: session=0123456789\r\nCache-Control: no-cache\r\nX-Forwarded-For: 203.0.113.7\r\n\
         X-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n\r\n"
    )
}

/// Sends `requests` over kept connections, `depth` at once on each; returns the seconds that it took, and how long each of
/// these bundles took, sorted.
pub(super) async fn kept(bench: &Bench, at: Ipv4Addr, requests: usize, depth: usize) -> (f64, Vec<Duration>) {
    let bundle = request().repeat(depth);
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        streams.push(
            Client::from(BALANCER)
                .connect_to(bench, at)
                .await
                .expect("a connection"),
        );
    }
    let begun = Instant::now();
    let clients = streams.into_iter().map(|mut stream| {
        let bundle = bundle.clone();
        tokio::spawn(async move {
            let (mut times, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
            for _ in 0..requests / CONNECTIONS / depth {
                let one = Instant::now();
                stream.write_all(bundle.as_bytes()).await.expect("it works");
                let (mut ends, mut tail) = (0, Vec::new());
                while ends < depth {
                    let count = stream.read(&mut buffer).await.expect("it works");
                    assert!(count > 0, "the proxy closed: {}", String::from_utf8_lossy(&tail));
                    tail.extend_from_slice(&buffer[..count]);
                    ends += tail.windows(END.len()).filter(|window| *window == END).count();
                    // An end that is cut in two is found with the next piece.
                    tail.drain(..tail.len().saturating_sub(END.len() - 1));
                }
                times.push(one.elapsed());
            }
            times
        })
    });
    let clients: Vec<_> = clients.collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.expect("it works"));
    }
    times.sort_unstable();
    (begun.elapsed().as_secs_f64(), times)
}

/// New TLS handshakes of two clients in some seconds, without resumption: OpenSSL's own clock, `s_time`.
pub(super) async fn handshakes(at: Ipv4Addr, seconds: u64) -> f64 {
    let one = async || {
        let output = tokio::process::Command::new("openssl")
            .args(["s_time", "-new", "-connect", &format!("{at}:8443"), "-time"])
            .arg(seconds.to_string())
            .stderr(Stdio::null())
            .output()
            .await
            .expect("OpenSSL runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = said.lines().find(|line| line.contains("real seconds"));
        let count = line.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
        count.unwrap_or_else(|| panic!("{said}"))
    };
    let (first, second) = tokio::join!(one(), one());
    first + second
}
