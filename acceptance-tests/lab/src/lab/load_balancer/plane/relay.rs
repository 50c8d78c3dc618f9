//! The way from a load balancer to the targets of one group.
//!
//! NGINX connects here and never hears of targets, so that no change of them cuts a connection. Each connection goes to
//! the next target, from the load balancer's address. Network load balancers announce their client with a line of the
//! PROXY protocol, version 1; it becomes version 2 if the target group wants that, and nothing otherwise.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::snapshot::Group;
use crate::kubelet::{connect, lab_port, to_loopback};

/// How long a target that drains still gets new connections: the service isn't told at once, either.
const LATE: Duration = Duration::from_millis(500);
const CONNECT: Duration = Duration::from_secs(10);
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The relay of a target group. It ends when it is dropped.
pub(super) struct Relay {
    pub(super) port: u16,
    routes: watch::Sender<Arc<Routes>>,
    live: BTreeMap<SocketAddrV4, Live>,
    cancel: CancellationToken,
}

struct Live {
    draining: Option<Instant>,
    cancel: CancellationToken,
}

/// How connections are made now.
#[derive(Default)]
struct Routes {
    targets: Vec<(SocketAddrV4, CancellationToken)>,
    sources: Vec<Ipv4Addr>,
    is_network: bool,
    proxy_v2: bool,
    preserve: bool,
}

impl Relay {
    /// A relay on a free port.
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (routes, receiver) = watch::channel(Arc::<Routes>::default());
        let cancel = CancellationToken::new();
        tokio::spawn(cancel.clone().run_until_cancelled_owned(serve(listener, receiver)));
        Ok(Self {
            port,
            routes,
            live: BTreeMap::new(),
            cancel,
        })
    }

    /// Takes over what moto says now. Connections to targets that are gone end.
    pub(super) fn update(&mut self, group: &Group, sources: [Ipv4Addr; 2], is_network: bool) {
        let mut seen = BTreeMap::new();
        for target in &group.targets {
            let Ok(address) = target.id.parse() else { continue };
            let to = SocketAddrV4::new(to_loopback(address), lab_port(target.port));
            let mut live = self.live.remove(&to).unwrap_or_else(|| Live {
                draining: None,
                cancel: CancellationToken::new(),
            });
            if target.state != "draining" {
                live.draining = None;
            } else if live.draining.is_none() {
                live.draining = Some(Instant::now());
            }
            seen.insert(to, (live, target.state.clone()));
        }
        for live in std::mem::take(&mut self.live).into_values() {
            live.cancel.cancel();
        }
        let is_on = |name: &str| group.attributes.get(name).is_some_and(|value| value == "true");
        self.routes.send_replace(Arc::new(Routes {
            targets: choose(&seen),
            sources: sources.to_vec(),
            is_network,
            proxy_v2: is_on("proxy_protocol_v2.enabled"),
            preserve: is_on("preserve_client_ip.enabled"),
        }));
        self.live = seen.into_iter().map(|(to, (live, _))| (to, live)).collect();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.cancel.cancel();
        for live in self.live.values() {
            live.cancel.cancel();
        }
    }
}

/// The healthy targets, or all that aren't if there is none: a load balancer fails open.
fn choose(seen: &BTreeMap<SocketAddrV4, (Live, String)>) -> Vec<(SocketAddrV4, CancellationToken)> {
    let pick = |is_it: &dyn Fn(&Live, &str) -> bool| -> Vec<(SocketAddrV4, CancellationToken)> {
        let chosen = seen.iter().filter(|(_, (live, state))| is_it(live, state));
        chosen.map(|(to, (live, _))| (*to, live.cancel.clone())).collect()
    };
    let healthy = pick(&|live, state| match live.draining {
        Some(since) => since.elapsed() < LATE,
        None => state == "healthy",
    });
    if healthy.is_empty() {
        return pick(&|_, state| state == "unhealthy");
    }
    healthy
}

async fn serve(listener: TcpListener, routes: watch::Receiver<Arc<Routes>>) {
    let next = Arc::new(AtomicUsize::new(0));
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        let (routes, next) = (Arc::clone(&routes.borrow()), Arc::clone(&next));
        tokio::spawn(async move {
            if let Err(error) = connection(client, &routes, &next).await {
                tracing::debug!(%error, "connection to a target");
            }
        });
    }
}

async fn connection(mut client: TcpStream, routes: &Routes, next: &AtomicUsize) -> io::Result<()> {
    let from = if routes.is_network {
        announced(&mut client).await?
    } else {
        None
    };
    let count = routes.targets.len();
    let number = next.fetch_add(1, Ordering::Relaxed);
    let Some((to, gone)) = number.checked_rem(count).and_then(|index| routes.targets.get(index)) else {
        client.set_zero_linger()?;
        return Ok(());
    };
    // Another node than the last time, whatever the number of targets.
    let node = (number / count + number).checked_rem(routes.sources.len());
    let own = node.and_then(|node| routes.sources.get(node)).copied().map(IpAddr::V4);
    let source = from
        .filter(|_| routes.preserve)
        .map_or(own, |(from, _)| Some(from.ip()));
    let connected = tokio::time::timeout(CONNECT, connect(source, *to)).await;
    let mut target = match connected {
        Ok(Ok(target)) => target,
        Ok(Err(error)) => {
            client.set_zero_linger()?;
            return Err(error);
        }
        Err(_) => return client.set_zero_linger(),
    };
    if let Some(ends) = from.filter(|_| routes.proxy_v2) {
        target.write_all(&header(ends)).await?;
    }
    client.set_nodelay(true)?;
    target.set_nodelay(true)?;
    let copied = tokio::io::copy_bidirectional(&mut client, &mut target);
    gone.run_until_cancelled(copied).await;
    Ok(())
}

/// Reads the line that says who the client is: `PROXY TCP4 from to port port`.
async fn announced(client: &mut TcpStream) -> io::Result<Option<(SocketAddr, SocketAddr)>> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        if line.len() > 107 {
            return Err(io::Error::other("no line of the PROXY protocol"));
        }
        line.push(client.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&line);
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let ["PROXY", _, from, to, from_port, to_port] = words.as_slice() else {
        return Ok(None);
    };
    let end = |address: &str, port: &str| Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?));
    Ok(end(from, from_port).zip(end(to, to_port)))
}

/// The header of version 2 for a TCP connection.
fn header((from, to): (SocketAddr, SocketAddr)) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    header.push(0x21);
    let mut ends = Vec::new();
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            header.push(0x11);
            ends.extend([from.octets(), to.octets()].concat());
        }
        (from, to) => {
            let v6 = |address: IpAddr| match address {
                IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
                IpAddr::V6(address) => address.octets(),
            };
            header.push(0x21);
            ends.extend([v6(from), v6(to)].concat());
        }
    }
    ends.extend(from.port().to_be_bytes());
    ends.extend(to.port().to_be_bytes());
    header.extend(u16::try_from(ends.len()).unwrap_or_default().to_be_bytes());
    header.extend(ends);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_both_ends() {
        let ends = (
            "192.0.2.1:1025".parse().expect("from"),
            "198.51.100.2:443".parse().expect("to"),
        );
        let header = header(ends);
        assert_eq!(header.len(), 28);
        assert_eq!(header[12..16], [0x21, 0x11, 0, 12]);
        assert_eq!(header[16..], [192, 0, 2, 1, 198, 51, 100, 2, 4, 1, 1, 187]);
    }

    #[test]
    fn only_unhealthy_targets_get_connections_if_no_other_is_there() {
        let target = |last: u8, state: &str, draining: Option<Instant>| {
            let to = SocketAddrV4::new(Ipv4Addr::new(127, 128, 0, last), 8080);
            let cancel = CancellationToken::new();
            (to, (Live { draining, cancel }, state.to_owned()))
        };
        let ports =
            |seen: BTreeMap<_, _>| -> Vec<u8> { choose(&seen).iter().map(|(to, _)| to.ip().octets()[3]).collect() };
        let mut seen = BTreeMap::from([target(1, "unhealthy", None), target(2, "initial", None)]);
        assert_eq!(
            ports(BTreeMap::from([
                target(1, "unhealthy", None),
                target(2, "initial", None)
            ])),
            [1]
        );
        seen.extend([target(3, "healthy", None), target(4, "draining", Some(Instant::now()))]);
        assert_eq!(ports(seen), [3, 4]);
    }
}
