//! The handshake line: `1|6|unix|/path|grpc|CERTIFICATE`.

use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The protocol's major version, the only one served.
pub(crate) const PROTOCOL: u32 = 6;

/// Version of the handshake itself.
const CORE_PROTOCOL: u32 = 1;

/// The version to announce to a host that offers `offered` (`PLUGIN_PROTOCOL_VERSIONS`, in any order).
///
/// There is only one to choose from. If the host does not offer it, it is announced all the same, and the host reports the
/// mismatch.
pub(crate) fn announced_version(offered: Option<&str>) -> u32 {
    let common = offered
        .unwrap_or_default()
        .split(',')
        .filter_map(|version| version.trim().parse().ok());
    common.filter(|version| *version == PROTOCOL).max().unwrap_or(PROTOCOL)
}

/// The contents of the first line on stdout.
pub(crate) struct Line<'a> {
    /// The protocol's major version.
    pub(crate) version: u32,
    /// The Unix socket.
    pub(crate) socket: &'a Path,
    /// The server's certificate in DER, if connections are encrypted.
    pub(crate) certificate: Option<&'a [u8]>,
    /// True if the host asks whether connections can be shared.
    pub(crate) asks_multiplexing: bool,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificate = self
            .certificate
            .map(|der| STANDARD_NO_PAD.encode(der))
            .unwrap_or_default();
        write!(
            out,
            "{CORE_PROTOCOL}|{}|unix|{}|grpc|{certificate}",
            self.version,
            self.socket.display()
        )?;
        if self.asks_multiplexing {
            out.write_str("|false")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announces_six_whatever_is_offered() {
        for offered in [None, Some("5,6"), Some("6, 5"), Some("5"), Some(""), Some("x")] {
            assert_eq!(announced_version(offered), 6, "{offered:?}");
        }
    }

    #[test]
    fn writes_the_certificate_without_padding() {
        let socket = Path::new("/tmp/plugin1");
        let line = Line {
            version: 6,
            socket,
            certificate: Some(&[0xff; 4]),
            asks_multiplexing: false,
        };
        assert_eq!(line.to_string(), "1|6|unix|/tmp/plugin1|grpc|/////w");
        let plain = Line {
            version: 6,
            socket,
            certificate: None,
            asks_multiplexing: true,
        };
        assert_eq!(plain.to_string(), "1|6|unix|/tmp/plugin1|grpc||false");
    }
}
