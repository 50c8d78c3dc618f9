//! Reads the handshake line.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::HostError;

/// The first line that a provider prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeLine {
    /// The line itself.
    pub text: String,
    /// The protocol's major version.
    pub version: u32,
    /// The Unix socket.
    pub socket: PathBuf,
    /// The server's certificate in DER; empty if connections are plain.
    pub certificate: Vec<u8>,
    /// What follows the certificate: whether connections can be shared.
    pub multiplexing: Option<bool>,
}

impl HandshakeLine {
    /// Reads `text`, without its end.
    pub(super) fn parse(text: &str) -> Result<Self, HostError> {
        let wrong = |what: &str| HostError::Handshake(format!("{what} in `{text}`"));
        let parts: Vec<_> = text.split('|').collect();
        let ["1", version, "unix", socket, "grpc", certificate, rest @ ..] = &parts[..] else {
            return Err(wrong("unexpected parts"));
        };
        let multiplexing = match rest {
            [] => None,
            [flag] => Some(flag.parse().map_err(|_| wrong("no flag"))?),
            _ => return Err(wrong("too many parts")),
        };
        Ok(Self {
            text: text.to_owned(),
            version: version.parse().map_err(|_| wrong("invalid version"))?,
            socket: PathBuf::from(socket),
            certificate: STANDARD_NO_PAD
                .decode(certificate)
                .map_err(|_| wrong("invalid unpadded base64"))?,
            multiplexing,
        })
    }
}
