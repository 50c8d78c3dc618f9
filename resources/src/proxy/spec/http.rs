//! HTTP: limits, headers and paths.

use std::collections::BTreeMap;

use serde_json::Value;
use tfplugin_framework::Attr;

use super::super::model::{self, Http};
use super::super::render::spec::{self as render, Input};
use crate::lifecycle::inputs::{labels, list, number, optional_text};
use e2etls_engine::value::UNKNOWN;

pub(crate) fn http(http: &Attr<Http>, protocol: Input<render::Protocol>) -> render::Http {
    let mut spec = render::Http::default();
    // A stream of gRPC counts as one request body.
    match protocol {
        Input::Known(render::Protocol::Grpc | render::Protocol::Grpcs) => spec.max_body_size = "0".to_owned(),
        Input::Unknown => spec.max_body_size = UNKNOWN.to_owned(),
        Input::Known(_) => {}
    }
    let Some(http) = http.known() else {
        if http.is_unknown() {
            spec.extra_config = Some(UNKNOWN.to_owned());
            spec.proxy_protocol = Input::Unknown;
            spec.metrics_port = Some(Value::from(UNKNOWN));
        }
        return spec;
    };
    let texts = [
        (&http.max_body_size, &mut spec.max_body_size),
        (&http.read_timeout, &mut spec.read_timeout),
        (&http.send_timeout, &mut spec.send_timeout),
        (&http.connect_timeout, &mut spec.connect_timeout),
        (&http.renewal_drain_timeout, &mut spec.renewal_drain_timeout),
    ];
    for (given, field) in texts {
        if let Some(text) = optional_text(given) {
            *field = text;
        }
    }
    let switches = [
        (&http.buffering, &mut spec.buffering),
        (&http.request_buffering, &mut spec.request_buffering),
        (&http.websocket, &mut spec.websocket),
        (&http.http2, &mut spec.http2),
        (&http.proxy_protocol, &mut spec.proxy_protocol),
        (&http.log_query, &mut spec.log_query),
    ];
    for (given, field) in switches {
        if let Some(on) = switch(given) {
            *field = on;
        }
    }
    spec.hsts = optional_text(&http.hsts);
    spec.real_ip_cidrs = (!http.real_ip_cidrs.is_null()).then(|| list(&http.real_ip_cidrs));
    spec.request_headers = labels(&http.request_headers).unwrap_or_default();
    spec.response_headers = labels(&http.response_headers).unwrap_or_default();
    spec.paths = paths(&http.paths);
    spec.rate_limit = rate_limit(&http.rate_limit);
    spec.metrics_port = match &http.metrics {
        Attr::Known(metrics) => number(&metrics.port),
        Attr::Unknown => Some(Value::from(UNKNOWN)),
        Attr::Null => None,
    };
    spec.extra_config = optional_text(&http.extra_config);
    spec
}

fn switch(given: &Attr<bool>) -> Option<Input<bool>> {
    match given {
        Attr::Known(on) => Some((*on).into()),
        Attr::Unknown => Some(Input::Unknown),
        Attr::Null => None,
    }
}

fn paths(given: &Attr<BTreeMap<String, model::PathSettings>>) -> BTreeMap<String, render::PathSettings> {
    let settings = |settings: &model::PathSettings| render::PathSettings {
        read_timeout: optional_text(&settings.read_timeout),
        max_body_size: optional_text(&settings.max_body_size),
        buffering: switch(&settings.buffering),
        request_buffering: switch(&settings.request_buffering),
    };
    match given {
        Attr::Known(given) => given
            .iter()
            .map(|(path, given)| (path.clone(), settings(given)))
            .collect(),
        Attr::Unknown => BTreeMap::from([(UNKNOWN.to_owned(), render::PathSettings::default())]),
        Attr::Null => BTreeMap::new(),
    }
}

fn rate_limit(given: &Attr<model::RateLimit>) -> Option<render::RateLimit> {
    let limit = |rate: &Attr<i64>, burst: &Attr<i64>| render::RateLimit {
        requests_per_second: number(rate).unwrap_or_default(),
        burst: number(burst).unwrap_or_else(|| Value::from(0)),
    };
    match given {
        Attr::Known(given) => Some(limit(&given.requests_per_second, &given.burst)),
        Attr::Unknown => Some(limit(&Attr::Unknown, &Attr::Unknown)),
        Attr::Null => None,
    }
}
