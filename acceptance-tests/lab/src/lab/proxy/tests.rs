//! The proxy between real sockets: a server that counts, and `curl` as the process to kill.

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt as _;
use http::StatusCode;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Action, Call, Fault, Match, Target, Upstreams, When};
use crate::lab::endpoints::SessionEndpoints;
use crate::lab::http::{listen, serve};
use crate::lab::pki::Pki;
use crate::lab::recorder::Recorder;

struct Fixture {
    dir: TempDir,
    session: SessionEndpoints,
    recorder: Recorder,
    served: Arc<AtomicUsize>,
}

impl Fixture {
    async fn new() -> Self {
        let served = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&served);
        let (listener, url) = listen("http").await.expect("listen");
        tokio::spawn(serve(listener, move |method, path, body| {
            counter.fetch_add(1, Ordering::SeqCst);
            let cluster = json!({ "name": "lab", "endpoint": "somewhere" });
            async move {
                (
                    StatusCode::OK,
                    json!({ "method": method.as_str(), "path": path, "bytes": body.len(), "cluster": cluster }),
                )
            }
            .boxed()
        }));
        Self::before(&url, served).await
    }

    /// A session in front of this server.
    async fn before(url: &str, served: Arc<AtomicUsize>) -> Self {
        let dir = tempfile::tempdir().expect("tempdir");
        let pki = Pki::create(dir.path(), "10.64.0.1").expect("PKI");
        let upstreams = Upstreams::new(&pki, url, url, Some(url)).expect("upstreams");
        let session = upstreams.open().await.expect("session");
        let recorder = Recorder::new(&session.recorder);
        Self {
            dir,
            session,
            recorder,
            served,
        }
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    async fn fault(&self, matching: Match, action: Action) {
        self.recorder.fault(&Fault::new(matching, action)).await.expect("fault");
    }

    async fn kube(&self, args: &[&str], path: &str) -> Output {
        curl(self.dir.path(), args, &format!("{}{path}", self.session.kube_server)).await
    }

    async fn aws(&self, args: &[&str], path: &str) -> Output {
        curl(self.dir.path(), args, &format!("{}{path}", self.session.aws_endpoint)).await
    }
}

async fn curl(dir: &Path, args: &[&str], url: &str) -> Output {
    let mut command = tokio::process::Command::new("curl");
    command
        .args(["--silent", "--show-error", "--noproxy", "*", "--cacert"])
        .arg(dir.join("ca.pem"));
    command
        .args(args)
        .arg(url)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("curl")
}

fn body(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[tokio::test]
async fn writes_calls_down() {
    let lab = Fixture::new().await;
    for version in ["--http1.1", "--http2"] {
        let output = lab
            .kube(&[version, "-X", "PATCH", "-d", "12345", "-A", "me/1"], "/api?x=1")
            .await;
        assert_eq!(body(&output)["path"], "/api?x=1");
    }
    let target = "x-amz-target: ACMPrivateCA.IssueCertificate";
    lab.aws(&["-H", target, "-d", "{}"], "/").await;
    lab.aws(&["-d", "Action=GetCallerIdentity&Version=1"], "/").await;
    let calls = lab.recorder.calls().await.expect("calls");
    let first = &calls[0];
    assert_eq!(
        (first.n, first.target, first.method.as_str(), first.path.as_str()),
        (1, Target::Kube, "PATCH", "/api?x=1")
    );
    assert_eq!(
        (first.user_agent.as_deref(), first.status, first.request_bytes),
        (Some("me/1"), Some(200), 5)
    );
    assert!(first.response_bytes > 20, "{first:?}");
    let operations: Vec<_> = calls.iter().filter_map(|call| call.operation.as_deref()).collect();
    assert_eq!(operations, ["IssueCertificate", "GetCallerIdentity"]);
    assert_eq!(lab.recorder.calls_since(3).await.expect("calls").len(), 1);
    lab.recorder.reset().await.expect("reset");
    assert!(lab.recorder.calls().await.expect("calls").is_empty());
}

#[tokio::test]
async fn answers_in_place_of_the_server() {
    let lab = Fixture::new().await;
    let throttle = Action::Status {
        code: 429,
        body: "{\"slow\":true}".to_owned(),
        retry_after: Some(1),
    };
    lab.fault(Match::kube().path("/pods").nth(2), throttle).await;
    let code = ["-w", "%{http_code}", "-o", "/dev/null"];
    for expected in ["200", "429", "200"] {
        assert_eq!(lab.kube(&code, "/pods").await.stdout, expected.as_bytes());
    }
    assert_eq!(lab.served(), 2);
    let calls = lab.recorder.calls().await.expect("calls");
    assert_eq!(
        calls.iter().map(|call| call.fault).collect::<Vec<_>>(),
        [None, Some(1), None]
    );
    assert_eq!(lab.recorder.faults().await.expect("faults")[0].fired, 1);
}

#[tokio::test]
async fn drops_before_and_after() {
    let lab = Fixture::new().await;
    lab.fault(Match::aws(), Action::Drop).await;
    assert_eq!(lab.aws(&[], "/").await.status.code(), Some(52), "an empty reply");
    assert_eq!(lab.served(), 0);
    lab.recorder.clear_faults().await.expect("clear");
    lab.fault(Match::aws(), Action::DropAfter).await;
    assert_eq!(lab.aws(&[], "/").await.status.code(), Some(52));
    assert_eq!(lab.served(), 1);
    lab.fault(Match::kube(), Action::Drop).await;
    assert!(!lab.kube(&["--http2"], "/").await.status.success());
}

#[tokio::test]
async fn kills_the_caller() {
    let lab = Fixture::new().await;
    for (when, served) in [(When::Before, 0), (When::After, 1)] {
        lab.recorder.reset().await.expect("reset");
        lab.fault(Match::kube().method("POST"), Action::KillClient { when })
            .await;
        let output = lab.kube(&["-d", "{}"], "/apis").await;
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&output.status),
            Some(9),
            "{output:?}"
        );
        assert_eq!(lab.served(), served);
    }
}

#[tokio::test]
async fn delays() {
    let lab = Fixture::new().await;
    lab.fault(Match::aws(), Action::Delay { millis: 300 }).await;
    let started = std::time::Instant::now();
    assert!(lab.aws(&[], "/").await.status.success());
    assert!(started.elapsed().as_millis() >= 300);
}

#[tokio::test]
async fn completes_the_cluster_for_eks_alone() {
    let lab = Fixture::new().await;
    let signed =
        |service: &str| format!("authorization: AWS4-HMAC-SHA256 Credential=A/20260101/r/{service}/aws4_request, S=1");
    let eks = body(&lab.aws(&["-H", &signed("eks")], "/clusters/lab").await);
    assert_eq!(eks["cluster"]["endpoint"], lab.session.kube_server);
    let other = body(&lab.aws(&["-H", &signed("route53")], "/clusters/lab").await);
    assert_eq!(other["cluster"]["endpoint"], "somewhere");
    let calls = lab.recorder.calls().await.expect("calls");
    assert_eq!(calls[0].service.as_deref(), Some("eks"));
}

#[tokio::test]
async fn kills_at_the_nth_write_of_every_protocol() {
    let lab = Fixture::new().await;
    let signed =
        |service: &str| format!("authorization: AWS4-HMAC-SHA256 Credential=A/20260101/r/{service}/aws4_request, S=1");
    let json = ("acm", "/", "x-amz-target: CertificateManager.RequestCertificate");
    let rest = (
        "route53",
        "/2013-04-01/hostedzone/Z1/rrset",
        "content-type: application/xml",
    );
    let form = (
        "elasticloadbalancing",
        "/",
        "content-type: application/x-www-form-urlencoded",
    );
    let read = ("acm", "/", "x-amz-target: CertificateManager.DescribeCertificate");
    let fault = Match::aws().writes().nth(3);
    lab.fault(fault, Action::KillClient { when: When::Before }).await;
    let mut killed = Vec::new();
    for (service, path, more) in [json, read, rest, read, form] {
        let args = ["-H", &signed(service), "-H", more, "-d", "Action=CreateListener"];
        let output = lab.aws(&args, path).await;
        killed.push(std::os::unix::process::ExitStatusExt::signal(&output.status));
    }
    assert_eq!(killed, [None, None, None, None, Some(9)]);
    let calls = lab.recorder.calls().await.expect("calls");
    let actions: Vec<_> = calls.iter().filter_map(Call::action).collect();
    assert_eq!(
        actions,
        [
            "acm:RequestCertificate",
            "acm:DescribeCertificate",
            "route53:ChangeResourceRecordSets",
            "acm:DescribeCertificate",
            "elasticloadbalancing:CreateListener"
        ]
    );
}

/// A server that answers every connection with `head`, and then returns what it hears.
async fn echo(head: &'static str) -> Fixture {
    let (listener, url) = listen("http").await.expect("listen");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                drop(stream.read(&mut [0; 4096]).await);
                drop(stream.write_all(head.as_bytes()).await);
                let (mut reader, mut writer) = stream.split();
                drop(tokio::io::copy(&mut reader, &mut writer).await);
            });
        }
    });
    Fixture::before(&url, Arc::default()).await
}

/// Sends `request` to the AWS door and reads until `wanted` came.
async fn ask(lab: &Fixture, request: &str, wanted: &str) -> (TcpStream, String) {
    let address = lab.session.aws_endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connect");
    stream.write_all(request.as_bytes()).await.expect("write");
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(wanted) {
        let read = stream.read(&mut buffer).await.expect("read");
        assert!(read > 0, "ended after {text:?}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    (stream, text)
}

#[tokio::test]
async fn passes_an_upgraded_connection_through() {
    let lab = echo("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n").await;
    let request = "GET /exec HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    let (mut stream, head) = ask(&lab, request, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    stream.write_all(b"ping").await.expect("write");
    let mut heard = [0; 4];
    stream.read_exact(&mut heard).await.expect("read");
    assert_eq!(&heard, b"ping");
}

#[tokio::test]
async fn passes_a_stream_through_while_it_goes_on() {
    let lab = echo("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n").await;
    let (_stream, text) = ask(&lab, "GET /pods?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n", "first").await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let calls = lab.recorder.calls().await.expect("calls");
    assert_eq!(
        (calls[0].status, calls[0].response_bytes, calls[0].is_watch()),
        (Some(200), 5, true)
    );
}
