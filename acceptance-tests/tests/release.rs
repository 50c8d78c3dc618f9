//! The release command looks up digests of images: here of a registry that answers as a test says.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const KEPT: &str = "1 docker.io team/nginx 1.30.4 sha256:kept";

/// Answers requests for manifests with `answer`, to those who have the token that it gives to anybody.
fn registry(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("it listens");
    let url = format!("http://{}", listener.local_addr().expect("it listens"));
    let own = url.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = serve(stream, &own, &answer);
        }
    });
    url
}

fn serve(mut stream: TcpStream, url: &str, answer: &str) -> std::io::Result<()> {
    let lines = BufReader::new(stream.try_clone()?).lines();
    let head: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let asked = head.first().cloned().unwrap_or_default();
    let has_token = head
        .iter()
        .any(|line| line.eq_ignore_ascii_case("authorization: Bearer anybody"));
    // Versions of curl differ in the case of the digits.
    let scope = "get /token?service=stand-in&scope=repository%3ateam%2fnginx%3apull ";
    let text = if asked.to_ascii_lowercase().starts_with(scope) {
        "200 OK\r\nContent-Length: 19\r\n\r\n{\"token\":\"anybody\"}".to_owned()
    } else if asked.starts_with("HEAD /v2/team/nginx/manifests/1.30.5 ") && has_token {
        format!("{answer}\r\n\r\n")
    } else {
        format!(
            "401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"{url}/token\",service=\"stand-in\"\r\nContent-Length: \
             0\r\n\r\n"
        )
    };
    write!(
        stream,
        "HTTP/1.1 {}",
        text.replacen("\r\n", "\r\nConnection: close\r\n", 1)
    )
}

/// Runs the look-up on a table with one missing digest: whether it worked, what it said, and the table after it.
fn look_up(url: &str) -> (bool, String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let table = dir.path().join("images.txt");
    std::fs::write(&table, format!("# images\n{KEPT}\n1 docker.io team/nginx 1.30.5 -\n")).expect("written");
    let command = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/image-digests");
    let run = Command::new(command)
        .arg(&table)
        .env("IMAGE_REGISTRY_URL", url)
        .env("no_proxy", "127.0.0.1")
        .output();
    let run = run.expect("it starts");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    (
        run.status.success(),
        said,
        std::fs::read_to_string(&table).expect("the table is there"),
    )
}

#[test]
fn a_digest_that_is_missing_is_looked_up_and_written() {
    let url = registry(format!(
        "200 OK\r\nContent-Type: {INDEX}\r\nDocker-Content-Digest: {DIGEST}"
    ));
    let (worked, said, table) = look_up(&url);
    assert!(worked, "{said}");
    assert_eq!(
        table,
        format!("# images\n{KEPT}\n1 docker.io team/nginx 1.30.5 {DIGEST}\n")
    );
}

#[test]
fn nothing_is_written_if_the_registry_does_not_tell() {
    let one = "application/vnd.oci.image.manifest.v1+json";
    for (answer, why) in [
        ("404 Not Found".to_owned(), "does not exist"),
        ("429 Too Many Requests".to_owned(), "limits requests"),
        ("500 Internal Server Error".to_owned(), "500"),
        (format!("200 OK\r\nContent-Type: {INDEX}"), "no digest"),
        (
            format!("200 OK\r\nContent-Type: {INDEX}\r\nDocker-Content-Digest: sha256:1"),
            "no digest",
        ),
        (
            format!("200 OK\r\nContent-Type: {one}\r\nDocker-Content-Digest: {DIGEST}"),
            "several architectures",
        ),
    ] {
        let (worked, said, table) = look_up(&registry(answer.clone()));
        assert!(!worked && said.contains(why), "{answer}: {said}");
        assert!(table.ends_with(" 1.30.5 -\n"), "{answer}: {table}");
    }
    let (worked, said, _) = look_up("http://127.0.0.1:1");
    assert!(!worked && said.contains("no answer"), "{said}");
}
