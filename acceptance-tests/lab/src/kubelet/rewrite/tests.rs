use super::*;

fn rewriter(ports: Ports) -> Rewriter {
    let paths = ["/etc/nginx", "/etc/nginx/tls", "/tmp", "/etc/resolv.conf"].map(str::to_owned);
    Rewriter::new("/tmp/lab/c", paths, Ipv4Addr::new(127, 244, 0, 5), ports)
}

fn text(input: &str) -> String {
    rewriter(Ports::new(false)).text(input)
}

#[test]
fn paths_are_whole_components_longest_first_and_once() {
    assert_eq!(
        text("cat /etc/nginx/tls/tls.crt"),
        "cat /tmp/lab/c/etc/nginx/tls/tls.crt"
    );
    assert_eq!(
        text("nginx -c /etc/nginx/nginx.conf"),
        "nginx -c /tmp/lab/c/etc/nginx/nginx.conf"
    );
    assert_eq!(
        text("'/tmp' \"/tmp/x\" a=/tmp >/tmp"),
        "'/tmp/lab/c/tmp' \"/tmp/lab/c/tmp/x\" a=/tmp/lab/c/tmp >/tmp/lab/c/tmp"
    );
    assert_eq!(
        text("/etc/nginx.conf /var/tmp ${X}/tmp ./tmp /tmpfs"),
        "/etc/nginx.conf /var/tmp ${X}/tmp ./tmp /tmpfs"
    );
    assert_eq!(text("PATH=/bin:/tmp."), "PATH=/bin:/tmp/lab/c/tmp.");
    assert_eq!(text("awk x /etc/resolv.conf"), "awk x /tmp/lab/c/etc/resolv.conf");
}

#[test]
fn listen_binds_the_pods_address() {
    assert_eq!(text("  listen 8443 ssl;\n"), "  listen 127.244.0.5:8443 ssl;\n");
    assert_eq!(
        text("server { listen 80; listen [::]:80; }"),
        "server { listen 127.244.0.5:30080;  }"
    );
    assert_eq!(text("listen [::]:8443 ssl;\n"), "\n");
    assert_eq!(text("listen 0.0.0.0:8443;"), "listen 127.244.0.5:8443;");
    assert_eq!(text("listen 127.0.0.1:8081;"), "listen 127.244.0.5:8081;");
    assert_eq!(text("listen unix:/run/x.sock;"), "listen unix:/run/x.sock;");
    assert_eq!(text("# we listen 80 times"), "# we listen 80 times");
}

#[test]
fn upstream_connections_leave_from_the_pod() {
    assert_eq!(text("http {\n}\n"), "http { proxy_bind 127.244.0.5;\n}\n");
    assert_eq!(text("http {\nproxy_bind off;\n"), "http {\nproxy_bind off;\n");
}

#[test]
fn counters_are_an_answer_of_their_form() {
    let answer = text("location = /stub_status {\n  stub_status;\n}");
    assert!(
        answer.starts_with("location = /stub_status {\n  default_type text/plain; return 200 \"Active connections: 1 ")
    );
}

#[test]
fn loopback_is_the_pods_own() {
    assert_eq!(text("curl http://127.0.0.1:8080/x"), "curl http://127.244.0.5:8080/x");
    assert_eq!(
        text("proxy_pass http://127.0.0.1:80;"),
        "proxy_pass http://127.244.0.5:30080;"
    );
    assert_eq!(
        text("openssl s_client -connect localhost:8443 -servername localhost"),
        "openssl s_client -connect 127.244.0.5:8443 -servername localhost"
    );
    assert_eq!(
        text("http://localhost/ my-localhost:1 127.0.0.10"),
        "http://127.244.0.5/ my-localhost:1 127.0.0.10"
    );
}

#[test]
fn service_ports_follow_the_machine() {
    assert_eq!(
        text("set $u http://app.web.svc.cluster.local:80;"),
        "set $u http://app.web.svc.cluster.local:30080;"
    );
    assert_eq!(
        text("proxy_pass http://app.web.svc.cluster.local;"),
        "proxy_pass http://app.web.svc.cluster.local:30080;"
    );
    assert_eq!(
        text("https://$app.$ns.svc.cluster.local/"),
        "https://$app.$ns.svc.cluster.local:30443/"
    );
    assert_eq!(
        text("proxy_set_header Host app.web.svc.cluster.local;"),
        "proxy_set_header Host app.web.svc.cluster.local;"
    );
    assert_eq!(
        text("http://app.web.svc.cluster.local:8080"),
        "http://app.web.svc.cluster.local:8080"
    );
    let bound = rewriter(Ports::new(true)).text("proxy_pass http://app.web.svc.cluster.local:80;");
    assert_eq!(bound, "proxy_pass http://app.web.svc.cluster.local:80;");
}

#[test]
fn process_one_is_the_main_process() {
    assert_eq!(text("kill -HUP 1\n"), "kill -HUP \"$LAB_PID1\"\n");
    assert_eq!(text("kill -s HUP 1 || true"), "kill -s HUP \"$LAB_PID1\" || true");
    assert_eq!(
        text("kill -HUP 12; kill -1 \"$pid\"; pkill nginx 1"),
        "kill -HUP 12; kill -1 \"$pid\"; pkill nginx 1"
    );
}
