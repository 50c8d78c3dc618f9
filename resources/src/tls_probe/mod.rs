#![doc = include_str!("README.md")]

pub mod model;
mod observe;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use e2etls_clients::tls::{self, ProbeError, Target};
use jiff::Timestamp;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{
    Attr, AttributePath, Config, Context, DataSource, Diagnostic, Diagnostics, Model, State, parse_go_duration,
};

use crate::pki::{Certificate, trusted};
use crate::session::Session;
use model::TlsProbe;

/// `e2etls_tls_probe`.
pub struct TlsProbeSource;

/// How long an answer is waited for, if nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(5);
const PORT: u16 = 443;

#[async_trait]
impl DataSource for TlsProbeSource {
    type Model = TlsProbe;
    type Session = Session;

    fn name(&self) -> &'static str {
        "tls_probe"
    }

    fn schema(&self) -> Schema {
        TlsProbe::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<TlsProbe>, diagnostics: &mut Diagnostics) {
        if let Err(found) = trusted(&config.ca_pem) {
            diagnostics.extend(found);
        }
    }

    async fn read(
        &self,
        context: &Context<Session>,
        config: Config<TlsProbe>,
    ) -> Result<(State<TlsProbe>, Diagnostics), Diagnostics> {
        let trusted = trusted(&config.ca_pem)?;
        let mut probe = config.0;
        let looked = tokio::time::timeout(context.timeout, look(&mut probe, trusted.as_deref()));
        let outcome = tokio::select! {
            () = context.cancel.cancelled() => None,
            outcome = looked => outcome.ok(),
        };
        match outcome {
            Some(Ok(())) => Ok((State(probe), Diagnostics::new())),
            Some(Err(error)) => Err(unanswered(&error, &probe).into()),
            None => Err(Diagnostic::error("The read was interrupted")
                .because("The read was stopped or timed out.")
                .advice("Try again.")
                .into()),
        }
    }
}

/// Fills in what the server shows.
async fn look(probe: &mut TlsProbe, trusted: Option<&[Certificate]>) -> Result<(), ProbeError> {
    let host = probe.host.as_str().unwrap_or_default().to_owned();
    let server_name = probe.server_name.as_str().unwrap_or(&host).to_owned();
    let port = probe
        .port
        .known()
        .and_then(|port| u16::try_from(*port).ok())
        .unwrap_or(PORT);
    let limit = probe.timeout.as_str().and_then(parse_go_duration).unwrap_or(TIMEOUT);
    let target = Target {
        host: &host,
        port,
        server_name: &server_name,
    };
    let handshake = tls::handshake(target, limit).await?;
    let plaintext = match probe.check_plaintext {
        Attr::Known(false) => None,
        _ => Some(tls::plaintext(target, limit).await),
    };
    probe.id = format!("{host}:{port}/{server_name}").into();
    observe::fill(probe, &handshake, &server_name, trusted, Timestamp::now());
    probe.plaintext = plaintext.map(observe::word).into();
    Ok(())
}

/// What went wrong, and what to do.
fn unanswered(error: &ProbeError, probe: &TlsProbe) -> Diagnostic {
    let host = probe.host.as_str().unwrap_or_default();
    let port = probe.port.known().copied().unwrap_or(PORT.into());
    let (what, advice) = match error {
        ProbeError::NoName(_) => ("Invalid `server_name`", "Set it to a DNS name or an IP address."),
        ProbeError::Timeout(_) => (
            "The server did not answer in time",
            "It may be out of reach of this machine, or accept connections on this port and not speak TLS. If it is only slow, \
             raise `timeout`.",
        ),
        ProbeError::Connect(_) => (
            "Can't reach the server",
            "Check that this machine can reach it: name resolution, routes, security groups. If a resource in the same run \
             creates it, take `host` from that resource or use `depends_on`.",
        ),
        ProbeError::Handshake(_) => (
            "The TLS handshake failed",
            "The server may not speak TLS on this port, may support neither TLS 1.2 nor TLS 1.3, may have no cipher suite or \
             group in common with the probe, may ask for a client certificate, or may not serve `server_name`.",
        ),
    };
    Diagnostic::error(what)
        .at(AttributePath::root("host"))
        .because(format!("{host}, port {port}: {error}."))
        .advice(advice)
}
