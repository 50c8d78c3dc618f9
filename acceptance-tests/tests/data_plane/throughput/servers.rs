//! What the proxy is compared with: a hand-tuned NGINX, in front of the same app, which is an NGINX too.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2etls_lab::lab::setup;

use crate::app::PORT;
use crate::bench::{Bench, HOST};

/// What both need to run in a folder of their own.
const MAIN: &str = "pid DIR/pid;
events { worker_connections 8192; }
";
const FOLDERS: &str = "http {
  client_body_temp_path DIR/body;
  proxy_temp_path DIR/proxy;
  fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi;
  scgi_temp_path DIR/scgi;
";

/// Serves as fast as it can, so that neither proxy waits for it.
const APP: &str = "worker_processes 1;
error_log stderr crit;
http {
  access_log off;
  keepalive_requests 1000000;
  server {
    listen APP;
    location / { return 200 \"yes\"; }
  }
}
";

/// With the log, the groups, the kept connections, the buffers and the load balancer of ours, and nothing else that ours does.
const HAND_TUNED: &str = "worker_processes 2;
error_log stderr warn;
http {
  server_tokens off;
  log_format json escape=json '{\"time\":\"$time_iso8601\",\"client\":\"$remote_addr\",\"host\":\"$host\",\"method\":\"$request_method\",'
    '\"path\":\"$uri\",\"protocol\":\"$server_protocol\",\"status\":$status,\"bytes\":$bytes_sent,\"seconds\":$request_time,'
    '\"upstream\":\"$upstream_addr\",\"upstream_status\":\"$upstream_status\"}';
  access_log DIR/access.log json buffer=4k flush=1s;
  keepalive_requests 10000;
  ssl_certificate DIR/tls.crt;
  ssl_certificate_key DIR/tls.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  GROUPS
  ssl_session_cache shared:tls:10m;
  ssl_session_tickets off;
  http2 on;
  upstream app { zone app 256k; server APP; keepalive 64; }
  server {
    listen ADDRESS:8443 ssl;
    server_name shop.example.com;
    set_real_ip_from 127.77.0.0/16;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    location / {
      proxy_buffer_size 32k;
      proxy_buffers 8 32k;
      proxy_busy_buffers_size 64k;
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $http_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
    }
  }
}
";

/// An NGINX that ends with its workers when it is dropped.
pub(super) struct Nginx {
    process: Child,
    _dir: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(Command::new("kill").arg(self.process.id().to_string()).status());
        drop(self.process.wait());
    }
}

impl Nginx {
    pub(super) fn app(at: Ipv4Addr) -> Self {
        Self::start(APP, at, |_| {})
    }

    /// In front of the app of `bench`, on another address.
    pub(super) fn hand_tuned(bench: &Bench, at: Ipv4Addr) -> Self {
        let groups = std::fs::read_to_string(bench.pod.path("/run/e2etls/groups.conf")).expect("our groups");
        let text = HAND_TUNED
            .replace("GROUPS", groups.trim())
            .replace("ADDRESS", &at.to_string());
        let (certificate, key) = bench.authority.leaf(&[HOST]);
        Self::start(&text, bench.app_address, |dir| {
            std::fs::write(dir.join("tls.crt"), certificate).expect("it works");
            std::fs::write(dir.join("tls.key"), key).expect("it works");
        })
    }

    fn start(text: &str, app: Ipv4Addr, files: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().expect("it works");
        files(dir.path());
        let text = (MAIN.to_owned() + &text.replacen("http {\n", FOLDERS, 1))
            .replace("DIR", &dir.path().to_string_lossy())
            .replace("APP", &format!("{app}:{PORT}"));
        let file = dir.path().join("nginx.conf");
        std::fs::write(&file, text).expect("it works");
        let nginx = setup::ensure().expect("it works").nginx().expect("it works");
        let process = Command::new(nginx)
            .args(["-p", &format!("{}/", dir.path().display()), "-g", "daemon off;", "-c"])
            .arg(file)
            .stdout(Stdio::null())
            .spawn()
            .expect("NGINX starts");
        Self { process, _dir: dir }
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }
}

/// A process and all below it.
fn tree(root: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{root}/task/{root}/children")).unwrap_or_default();
    let below = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    std::iter::once(root).chain(below.flat_map(tree)).collect()
}

/// Processor time of a master and all below it, in microseconds.
pub(super) fn processor_time(master: u32) -> f64 {
    let of = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
        stat.split(' ')
            .next()
            .and_then(|field| field.parse().ok())
            .unwrap_or(0.0)
    };
    tree(master).into_iter().map(of).sum::<f64>() / 1e3
}

/// Memory of a master and all below it, pages that several share counted in parts (`Pss`), in KiB.
pub(super) fn memory(master: u32) -> f64 {
    let of = |pid: u32| {
        let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok())
            .unwrap_or(0.0)
    };
    tree(master).into_iter().map(of).sum()
}
