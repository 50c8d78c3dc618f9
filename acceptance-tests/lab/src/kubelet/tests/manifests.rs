//! What the tests apply.

use serde_json::{Value, json};

fn deployment(name: &str, replicas: i32, spec: Value) -> Value {
    json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": { "metadata": { "labels": { "app": name } }, "spec": spec },
        },
    })
}

pub(super) fn service(name: &str, port: u16, target: u16) -> Value {
    json!({
        "metadata": { "name": name },
        "spec": { "selector": { "app": name }, "ports": [{ "name": "p", "port": port, "targetPort": target }] },
    })
}

pub(super) fn app() -> Value {
    let container = json!({
        "name": "app", "image": "e2etls.lab/hello:1", "ports": [{ "containerPort": 8080 }],
        "readinessProbe": { "httpGet": { "port": 8080 }, "periodSeconds": 1 },
    });
    deployment("app", 1, json!({ "containers": [container] }))
}

pub(super) fn config() -> Value {
    json!({ "metadata": { "name": "proxy" }, "data": { "nginx.conf": NGINX, "run.sh": RUN } })
}

pub(super) fn proxy() -> Value {
    let mounts = json!([
        { "name": "config", "mountPath": "/etc/nginx" },
        { "name": "tls", "mountPath": "/etc/tls" },
        { "name": "tmp", "mountPath": "/tmp" },
    ]);
    let test = "nginx -t -c /etc/nginx/nginx.conf";
    let serves = "openssl s_client -connect 127.0.0.1:8443 </dev/null 2>/dev/null | openssl x509 -noout";
    let container = json!({
        "name": "nginx", "image": "nginxinc/nginx-unprivileged:1.31", "command": ["sh", "/etc/nginx/run.sh"],
        "volumeMounts": mounts, "ports": [{ "containerPort": 8443 }],
        "startupProbe": { "exec": { "command": ["sh", "-c", serves] }, "periodSeconds": 1, "timeoutSeconds": 5 },
        "readinessProbe": { "httpGet": { "port": 8443, "scheme": "HTTPS", "path": "/healthz" }, "periodSeconds": 1 },
        "lifecycle": { "preStop": { "exec": { "command": ["sh", "-c", "echo bye > /tmp/bye"] } } },
        "securityContext": { "readOnlyRootFilesystem": true },
    });
    let prepare = format!(
        "sed \"s/RESOLVER/$(awk '/^nameserver/ {{ print $2; exit }}' /etc/resolv.conf)/\" /etc/nginx/nginx.conf > /tmp/nginx.conf && {test}"
    );
    let init = json!({ "name": "test", "image": "nginx", "command": ["sh", "-c", prepare.replace("-c /etc/nginx/nginx.conf", "-c /tmp/nginx.conf")], "volumeMounts": mounts });
    let volumes = json!([
        { "name": "config", "configMap": { "name": "proxy" } },
        { "name": "tls", "secret": { "secretName": "tls", "defaultMode": 0o440 } },
        { "name": "tmp", "emptyDir": {} },
    ]);
    deployment(
        "proxy",
        2,
        json!({ "initContainers": [init], "containers": [container], "volumes": volumes }),
    )
}

const RUN: &str = r#"
(
  seen=$(readlink /etc/tls/..data)
  while sleep 0.2; do
    now=$(readlink /etc/tls/..data)
    if [ "$now" != "$seen" ] && nginx -t -q -c /tmp/nginx.conf; then
      seen=$now
      kill -HUP 1 && echo reloaded
    fi
  done
) &
exec nginx -c /tmp/nginx.conf -g 'daemon off;'
"#;

const NGINX: &str = r"
worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr notice;
events {}
http {
    access_log /dev/stdout;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    resolver RESOLVER valid=5s;
    server {
        listen 8443 ssl;
        listen [::]:8443 ssl;
        ssl_certificate /etc/tls/tls.crt;
        ssl_certificate_key /etc/tls/tls.key;
        location = /healthz { return 204; }
        location / {
            set $upstream http://app.default.svc.cluster.local:80;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_pass $upstream;
        }
    }
}
";

pub(super) fn job() -> Value {
    let mounts = json!([{ "name": "work", "mountPath": "/scratch" }, { "name": "info", "mountPath": "/info" }]);
    let sidecar = "cd /scratch; echo sidecar too > sidecar; exec sleep 1000";
    let main = "echo \"$(cat /scratch/init), $(cat /scratch/sidecar), value $ONE, $(cat /info/ns)\"";
    json!({
        "metadata": { "name": "job" },
        "spec": {
            "restartPolicy": "Never", "terminationGracePeriodSeconds": 2,
            "initContainers": [
                { "name": "init", "image": "sh", "command": ["sh", "-c", "echo made by init > /scratch/init"], "volumeMounts": mounts },
                { "name": "side", "image": "sh", "restartPolicy": "Always", "command": ["sh", "-c", sidecar], "volumeMounts": mounts,
                  "startupProbe": { "exec": { "command": ["test", "-f", "/scratch/sidecar"] }, "periodSeconds": 1 } },
            ],
            "containers": [{ "name": "main", "image": "sh", "command": ["sh", "-c", main], "volumeMounts": mounts,
                "env": [{ "name": "ONE", "value": "one" }] }],
            "volumes": [
                { "name": "work", "emptyDir": {} },
                { "name": "info", "downwardAPI": { "items": [{ "path": "ns", "fieldRef": { "fieldPath": "metadata.namespace" } }] } },
            ],
        },
    })
}

pub(super) fn crash() -> Value {
    let container = json!({ "name": "main", "image": "sh", "command": ["sh", "-c", "echo no luck; exit 7"] });
    json!({ "metadata": { "name": "crash" }, "spec": { "containers": [container] } })
}

pub(super) fn unhealthy() -> Value {
    let container = json!({
        "name": "main", "image": "sh", "command": ["sleep", "1000"],
        "livenessProbe": { "exec": { "command": ["false"] }, "periodSeconds": 1, "failureThreshold": 2 },
    });
    json!({ "metadata": { "name": "unhealthy" }, "spec": { "containers": [container], "terminationGracePeriodSeconds": 2 } })
}
