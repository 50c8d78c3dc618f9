//! The cluster's name server: A records of Services, in their 127 form.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::Error;
use super::address::{cluster_ip, parse_loopback};
use super::store::Cluster;

const ZONE: &str = ".svc.cluster.local";
/// Short, as endpoints change quickly.
const TTL: u32 = 5;

/// The name server's sockets.
pub(crate) struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
}

impl Sockets {
    pub(crate) async fn bind(port: u16) -> Result<Self, Error> {
        let at = (Ipv4Addr::LOCALHOST, port);
        let failed = |source| Error::Bind {
            what: "name server",
            at: format!("127.0.0.1:{port}"),
            source,
        };
        Ok(Self {
            udp: UdpSocket::bind(at).await.map_err(failed)?,
            tcp: TcpListener::bind(at).await.map_err(failed)?,
        })
    }

    /// Answers until dropped.
    pub(crate) async fn serve(self, cluster: Cluster) {
        let lookup = Arc::new(move |service: &str, namespace: &str| records(&cluster, service, namespace));
        let of_tcp = Arc::clone(&lookup);
        tokio::join!(serve_udp(self.udp, &*lookup, &|| false), async {
            loop {
                let Ok((stream, _)) = self.tcp.accept().await else {
                    continue;
                };
                let lookup = Arc::clone(&of_tcp);
                tokio::spawn(async move { serve_tcp(stream, &*lookup).await });
            }
        });
    }
}

/// A name server of a test: it knows a few Services, and can fall silent.
#[derive(Clone, Debug, Default)]
pub struct NameServer {
    names: Arc<Mutex<BTreeMap<String, Vec<Ipv4Addr>>>>,
    silence: Arc<AtomicU8>,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    /// Serves on a free port of 127.0.0.1 until the runtime ends; returns the port.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn serve(&self) -> std::io::Result<u16> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = socket.local_addr()?.port();
        let own = self.clone();
        tokio::spawn(async move {
            let lookup = |service: &str, namespace: &str| {
                let names = own.names.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                names.get(&format!("{service}.{namespace}")).cloned()
            };
            serve_udp(socket, &lookup, &|| own.is_silent()).await;
        });
        Ok(port)
    }

    /// Whether the next query gets no answer.
    fn is_silent(&self) -> bool {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let one_of = self.silence.load(Ordering::Relaxed);
        one_of > 0 && number.is_multiple_of(usize::from(one_of))
    }

    /// Gives a Service, as `name.namespace`, these addresses; none removes it.
    pub fn set(&self, service: &str, addresses: &[Ipv4Addr]) {
        let mut names = self.names.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if addresses.is_empty() {
            names.remove(service);
        } else {
            names.insert(service.to_owned(), addresses.to_vec());
        }
    }

    /// Every `one_of`th query gets no answer: 1 for none at all, 0 for answers to all.
    pub fn silence(&self, one_of: u8) {
        self.silence.store(one_of, Ordering::Relaxed);
    }
}

async fn serve_udp(
    socket: UdpSocket,
    lookup: &(dyn Fn(&str, &str) -> Option<Vec<Ipv4Addr>> + Sync),
    is_silent: &(dyn Fn() -> bool + Sync),
) {
    let mut buffer = [0; 4096];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        if is_silent() {
            continue;
        }
        if let Some(reply) = reply(&buffer[..length], lookup) {
            let _ = socket.send_to(&reply, from).await;
        }
    }
}

async fn serve_tcp(mut stream: TcpStream, lookup: &(dyn Fn(&str, &str) -> Option<Vec<Ipv4Addr>> + Sync)) {
    while let Ok(length) = stream.read_u16().await {
        let mut query = vec![0; length.into()];
        if stream.read_exact(&mut query).await.is_err() {
            return;
        }
        let Some(reply) = reply(&query, lookup) else { return };
        let Ok(length) = u16::try_from(reply.len()) else { return };
        let framed = [length.to_be_bytes().as_slice(), &reply].concat();
        if stream.write_all(&framed).await.is_err() {
            return;
        }
    }
}

/// The reply to a query; `None` for what is no query.
fn reply(query: &[u8], lookup: &dyn Fn(&str, &str) -> Option<Vec<Ipv4Addr>>) -> Option<Vec<u8>> {
    let query = Packet::parse(query)
        .ok()
        .filter(|packet| !packet.has_flags(PacketFlag::RESPONSE))?;
    let mut reply = Packet::new_reply(query.id());
    reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER | PacketFlag::RECURSION_DESIRED | PacketFlag::RECURSION_AVAILABLE);
    for question in &query.questions {
        reply.questions.push(question.clone());
        let name = question.qname.to_string().to_ascii_lowercase();
        let addresses = name
            .strip_suffix(ZONE)
            .and_then(|short| short.split_once('.'))
            .and_then(|(service, ns)| lookup(service, ns));
        match addresses {
            None => *reply.rcode_mut() = RCODE::NameError,
            Some(addresses) if matches!(question.qtype, QTYPE::TYPE(TYPE::A) | QTYPE::ANY) => {
                reply.answers.extend(addresses.into_iter().map(|address| {
                    let data = RData::A(A {
                        address: address.to_bits(),
                    });
                    ResourceRecord::new(question.qname.clone(), CLASS::IN, TTL, data)
                }));
            }
            Some(_) => {}
        }
    }
    reply.build_bytes_vec().ok()
}

/// The addresses of a Service: its own, or those of its ready pods if it is headless.
fn records(cluster: &Cluster, service: &str, namespace: &str) -> Option<Vec<Ipv4Addr>> {
    let object = cluster.service(namespace, service)?;
    match cluster_ip(&object) {
        Some(address) => Some(vec![address]),
        None => {
            let slices = cluster.slices(namespace, service);
            let ready = slices
                .iter()
                .flat_map(|slice| &slice.endpoints)
                .filter(|endpoint| super::proxy::is_ready(endpoint));
            Some(
                ready
                    .flat_map(|endpoint| &endpoint.addresses)
                    .filter_map(|address| parse_loopback(address))
                    .collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_dns::{Name, QCLASS, Question};

    fn ask(name: &str, qtype: TYPE) -> (RCODE, Vec<Ipv4Addr>) {
        let mut query = Packet::new_query(7);
        let name = Name::new_unchecked(name);
        query
            .questions
            .push(Question::new(name, QTYPE::TYPE(qtype), QCLASS::CLASS(CLASS::IN), false));
        let lookup = |service: &str, namespace: &str| {
            (service == "app" && namespace == "web").then(|| vec![Ipv4Addr::new(127, 96, 0, 9)])
        };
        let bytes = reply(&query.build_bytes_vec().unwrap(), &lookup).unwrap();
        let reply = Packet::parse(&bytes).unwrap();
        assert_eq!(reply.id(), 7);
        let addresses = reply.answers.iter().filter_map(|record| match &record.rdata {
            RData::A(a) => Some(Ipv4Addr::from_bits(a.address)),
            _ => None,
        });
        (reply.rcode(), addresses.collect())
    }

    #[test]
    fn services_have_an_address_and_no_other() {
        assert_eq!(
            ask("app.web.svc.cluster.local", TYPE::A),
            (RCODE::NoError, vec![Ipv4Addr::new(127, 96, 0, 9)])
        );
        assert_eq!(ask("App.Web.svc.cluster.LOCAL", TYPE::A).1.len(), 1);
        assert_eq!(ask("app.web.svc.cluster.local", TYPE::AAAA), (RCODE::NoError, vec![]));
    }

    #[test]
    fn other_names_do_not_exist() {
        for name in [
            "b.web.svc.cluster.local",
            "example.com",
            "svc.cluster.local",
            "app.web.pod.cluster.local",
        ] {
            assert_eq!(ask(name, TYPE::A), (RCODE::NameError, vec![]), "{name}");
        }
    }

    #[test]
    fn what_is_no_query_gets_no_reply() {
        assert!(reply(b"hello", &|_, _| None).is_none());
    }
}
