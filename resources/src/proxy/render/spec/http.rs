//! HTTP: limits, headers and paths.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Input;

/// HTTP limits and headers; sizes and times in NGINX's notation.
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    /// Largest request body.
    pub max_body_size: String,
    /// Longest pause of the app while it responds.
    pub read_timeout: String,
    /// Longest pause of the app while it receives a request.
    pub send_timeout: String,
    /// Longest time to connect to the app.
    pub connect_timeout: String,
    /// Buffer responses.
    pub buffering: Input<bool>,
    /// Buffer requests.
    pub request_buffering: Input<bool>,
    /// Pass WebSocket upgrades.
    pub websocket: Input<bool>,
    /// Offer HTTP/2.
    pub http2: Input<bool>,
    /// Value of `Strict-Transport-Security`.
    pub hsts: Option<String>,
    /// Networks that are believed about the client; `None`: those of the load balancer.
    pub real_ip_cidrs: Option<Vec<String>>,
    /// Every connection begins with a PROXY header.
    pub proxy_protocol: Input<bool>,
    /// How long what is under way outlives a renewal.
    pub renewal_drain_timeout: String,
    /// Log the query of each request.
    pub log_query: Input<bool>,
    /// Headers that every request has, in place of the client's.
    pub request_headers: BTreeMap<String, String>,
    /// Headers that every response has, in place of the app's.
    pub response_headers: BTreeMap<String, String>,
    /// Settings of requests by the prefix of their path.
    pub paths: BTreeMap<String, PathSettings>,
    /// Most requests of one client.
    pub rate_limit: Option<RateLimit>,
    /// Port of the Pods that serves NGINX's counters.
    pub metrics_port: Option<Value>,
    /// Directives added to the `server` block.
    pub extra_config: Option<String>,
}

/// Settings of requests to one prefix; what is not set is as for all others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathSettings {
    /// Longest pause of the app while it responds.
    pub read_timeout: Option<String>,
    /// Largest request body.
    pub max_body_size: Option<String>,
    /// Buffer responses.
    pub buffering: Option<Input<bool>>,
    /// Buffer requests.
    pub request_buffering: Option<Input<bool>>,
}

/// Most requests of one client address.
#[derive(Clone, Debug, PartialEq)]
pub struct RateLimit {
    /// Requests in a second.
    pub requests_per_second: Value,
    /// Requests beyond that which are served at once.
    pub burst: Value,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            max_body_size: "1m".to_owned(),
            read_timeout: "60s".to_owned(),
            send_timeout: "60s".to_owned(),
            connect_timeout: "5s".to_owned(),
            buffering: false.into(),
            request_buffering: true.into(),
            websocket: false.into(),
            http2: true.into(),
            hsts: None,
            real_ip_cidrs: None,
            proxy_protocol: false.into(),
            renewal_drain_timeout: "12h".to_owned(),
            log_query: false.into(),
            request_headers: BTreeMap::new(),
            response_headers: BTreeMap::new(),
            paths: BTreeMap::new(),
            rate_limit: None,
            metrics_port: None,
            extra_config: None,
        }
    }
}
