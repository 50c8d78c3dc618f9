//! TLS and HTTP as clients see them.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Model};

use crate::syntax;

/// TLS as clients see it.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Tls {
    /// Mozilla's profile: `intermediate` (TLS 1.2 and 1.3; if omitted) or `modern` (TLS 1.3 only).
    #[tf(optional)]
    pub profile: Attr<Profile>,
}

/// Mozilla's TLS profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Profile {
    /// TLS 1.2 and 1.3.
    #[tf(rename = "intermediate")]
    Intermediate,
    /// TLS 1.3 only.
    #[tf(rename = "modern")]
    Modern,
}

/// HTTP limits and headers.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Http {
    /// Largest request body, such as `512k`, `10m` or `1g`; if omitted, `1m`, or no limit with gRPC. `0` is no limit.
    #[tf(optional, check = syntax::nginx_size)]
    pub max_body_size: Attr<String>,
    /// Longest pause of the application while it responds, such as `500ms`, `60s` or `5m`; `60s` if omitted.
    #[tf(optional, check = syntax::nginx_timeout)]
    pub read_timeout: Attr<String>,
    /// Longest pause of the application while it receives a request, such as `60s`; `60s` if omitted.
    #[tf(optional, check = syntax::nginx_timeout)]
    pub send_timeout: Attr<String>,
    /// Longest time to connect to the application, such as `5s`; `5s` if omitted.
    #[tf(optional, check = syntax::nginx_timeout)]
    pub connect_timeout: Attr<String>,
    /// Buffer responses; false if omitted: they are passed on as they arrive. If true, the application does not have to wait
    /// for slow clients, but responses that it sends little by little, such as server-sent events, arrive late.
    #[tf(optional)]
    pub buffering: Attr<bool>,
    /// Buffer requests; true if omitted: the application receives a request once its body is complete. If false, the body is
    /// passed on as it arrives. If the application then responds before it has read the body, the connection to the client is
    /// closed after the response.
    #[tf(optional)]
    pub request_buffering: Attr<bool>,
    /// Pass WebSocket upgrades; false if omitted.
    #[tf(optional)]
    pub websocket: Attr<bool>,
    /// Offer HTTP/2; true if omitted.
    #[tf(optional)]
    pub http2: Attr<bool>,
    /// Value of the header `Strict-Transport-Security`, such as `max-age=31536000; includeSubDomains`; if omitted, the
    /// application's own.
    #[tf(optional, check = syntax::hsts)]
    pub hsts: Attr<String>,
    /// Networks, such as `10.0.16.0/20`, that are believed about the client: in `X-Forwarded-For`, `X-Forwarded-Proto`,
    /// `X-Forwarded-Port`, `Forwarded` and `X-Amzn-Mtls-*`, or in the PROXY header. If omitted, `isolation.lb_cidrs`
    /// without networks of all addresses; `[]` for nobody. Everybody else's statements are replaced.
    #[tf(optional, check = syntax::cidrs)]
    pub real_ip_cidrs: Attr<Vec<String>>,
    /// Expect a PROXY protocol header on every connection, such as load balancers send; false if omitted. Requires
    /// `real_ip_cidrs` or `isolation.lb_cidrs`. While a change of it is rolled out, requests fail: the load balancer and
    /// half of the Pods disagree.
    #[tf(optional)]
    pub proxy_protocol: Attr<bool>,
    /// How long requests and WebSockets that are under way outlive a renewal of the certificate, such as `12h`; `12h` if
    /// omitted. What is still open then is cut. A stopping Pod has `pod.termination_grace` instead.
    #[tf(optional, check = syntax::nginx_timeout)]
    pub renewal_drain_timeout: Attr<String>,
    /// Log the query string of each request too, which may hold what is confidential; false if omitted.
    #[tf(optional)]
    pub log_query: Attr<bool>,
    /// Headers that every request to the application has, in place of the client's. Headers that the proxy sets itself,
    /// such as `Host` and `X-Forwarded-For`, are refused.
    #[tf(optional, check = syntax::request_headers)]
    pub request_headers: Attr<BTreeMap<String, String>>,
    /// Headers that every response has, in place of the application's.
    #[tf(optional, check = syntax::response_headers)]
    pub response_headers: Attr<BTreeMap<String, String>>,
    /// Settings for requests whose path starts with a prefix, such as `/upload/`; the longest prefix counts.
    #[tf(optional, check = syntax::path_prefixes)]
    pub paths: Attr<BTreeMap<String, PathSettings>>,
    /// Limit of the requests of one client address to each Pod of the proxy; none if omitted. The Pods do not count together:
    /// with `replicas = 3`, a client whose requests reach all of them gets three times as much. Requests beyond the limit are
    /// answered with 429.
    #[tf(optional)]
    pub rate_limit: Attr<RateLimit>,
    /// Counters of NGINX for Prometheus' NGINX exporter; none if omitted.
    #[tf(optional)]
    pub metrics: Attr<Metrics>,
    /// NGINX directives that are added to the `server` block, of those that can't change where requests go, what is
    /// exposed and what is verified: the page "Extra configuration" lists them.
    #[tf(optional, check = syntax::nginx_directives)]
    pub extra_config: Attr<String>,
}

/// Settings for requests to one prefix; whatever is omitted is as for all other requests.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct PathSettings {
    /// Longest pause of the application while it responds, such as `10m`.
    #[tf(optional, check = syntax::nginx_timeout)]
    pub read_timeout: Attr<String>,
    /// Largest request body, such as `5g`; `0` for no limit.
    #[tf(optional, check = syntax::nginx_size)]
    pub max_body_size: Attr<String>,
    /// Buffer responses, as `http.buffering` does for all paths.
    #[tf(optional)]
    pub buffering: Attr<bool>,
    /// Buffer requests, as `http.request_buffering` does for all paths.
    #[tf(optional)]
    pub request_buffering: Attr<bool>,
}

/// Limit of the requests of one client address to one Pod.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct RateLimit {
    /// Requests in a second that each Pod serves, on average; at least 1.
    #[tf(required, check = syntax::positive)]
    pub requests_per_second: Attr<i64>,
    /// Requests beyond that which each Pod serves at once; 0 if omitted.
    #[tf(optional, check = syntax::not_negative)]
    pub burst: Attr<i64>,
}

/// Counters of NGINX: connections and requests, and nothing of the application.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Metrics {
    /// Port of the Pods, 1024 to 65535, that answers `/stub_status` over plain HTTP, and nothing else; not `8443`, `8444` or
    /// `upstream.port`. No Service leads to it. With `isolation.mode = "enforce"`, only items of `isolation.allow_from` that
    /// name this port among their `ports` reach it.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
}
