use std::net::SocketAddr;

use super::*;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

fn slice(endpoints: serde_json::Value) -> Vec<Arc<EndpointSlice>> {
    let slice = json!({
        "metadata": {"name": "s"}, "addressType": "IPv4", "endpoints": endpoints,
        "ports": [{"name": "https", "port": 8443}, {"name": "", "port": 80}],
    });
    vec![Arc::new(serde_json::from_value(slice).unwrap())]
}

fn at(address: &str) -> SocketAddrV4 {
    address.parse().unwrap()
}

#[test]
fn only_ready_endpoints_of_the_port_are_used() {
    let slices = slice(json!([
        {"addresses": ["10.244.0.1"], "conditions": {"ready": true}},
        {"addresses": ["10.244.0.2"], "conditions": {"ready": false}},
        {"addresses": ["10.244.0.3"]},
    ]));
    let found = endpoints(&slices, Some("https"), Ports::new(false));
    assert_eq!(found, [at("127.244.0.1:8443"), at("127.244.0.3:8443")]);
    assert_eq!(endpoints(&slices, None, Ports::new(false))[0], at("127.244.0.1:30080"));
    assert!(endpoints(&slices, Some("other"), Ports::new(false)).is_empty());
}

#[test]
fn terminating_endpoints_serve_when_none_is_ready() {
    let slices = slice(json!([
        {"addresses": ["10.244.0.1"], "conditions": {"ready": false, "serving": true, "terminating": true}},
        {"addresses": ["10.244.0.2"], "conditions": {"ready": false, "serving": false}},
    ]));
    assert_eq!(
        endpoints(&slices, Some("https"), Ports::new(true)),
        [at("127.244.0.1:8443")]
    );
}

#[tokio::test]
async fn a_dead_endpoint_is_passed_over_and_the_source_is_kept() {
    let upstream = TcpListener::bind("127.201.0.2:0").await.unwrap();
    let SocketAddr::V4(alive) = upstream.local_addr().unwrap() else {
        panic!()
    };
    let dead = SocketAddrV4::new(Ipv4Addr::new(127, 201, 0, 9), alive.port());
    let service = TcpListener::bind("127.201.1.1:0").await.unwrap();
    let to = service.local_addr().unwrap();
    tokio::spawn(async move {
        let (client, from) = service.accept().await.unwrap();
        forward(client, from.ip(), vec![dead, alive], 0).await;
    });
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.201.0.7:0".parse().unwrap()).unwrap();
    let mut client = socket.connect(to).await.unwrap();
    client.write_all(b"hi").await.unwrap();
    let (mut seen, from) = upstream.accept().await.unwrap();
    let mut text = [0; 2];
    seen.read_exact(&mut text).await.unwrap();
    assert_eq!((&text, from.ip().to_string().as_str()), (b"hi", "127.201.0.7"));
}

#[tokio::test]
async fn without_endpoints_the_connection_is_reset() {
    let service = TcpListener::bind("127.201.2.1:0").await.unwrap();
    let mut client = TcpStream::connect(service.local_addr().unwrap()).await.unwrap();
    let (accepted, from) = service.accept().await.unwrap();
    forward(accepted, from.ip(), vec![], 0).await;
    let error = client.read(&mut [0; 1]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}
