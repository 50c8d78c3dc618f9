//! The lab's own certificates: one CA for the API server, the recording proxy and the webhook.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use super::error::{Context as _, Result};

/// The names and addresses that the lab's servers answer to.
const NAMES: [&str; 5] = [
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "127.0.0.1",
];

/// The files of the lab's PKI.
#[derive(Debug, Clone)]
pub(crate) struct Pki {
    pub(crate) ca: PathBuf,
    pub(crate) ca_pem: String,
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) service_account_key: PathBuf,
    pub(crate) service_account_public: PathBuf,
    /// A CA that signed nothing here.
    pub(crate) other_ca_pem: String,
}

impl Pki {
    /// Makes everything anew in `dir`.
    pub(crate) fn create(dir: &Path, service: &str) -> Result<Self> {
        std::fs::create_dir_all(dir).context(dir.display())?;
        let (ca_pem, issuer) = authority("e2etls lab CA")?;
        let key = KeyPair::generate().context("making a key")?;
        let params = CertificateParams::new(
            NAMES
                .iter()
                .chain([&service])
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>(),
        )
        .context("naming the lab's servers")?;
        let leaf = params.signed_by(&key, &issuer).context("signing the lab's servers")?;
        let account = KeyPair::generate().context("making a key")?;
        let write = |name: &str, text: &str| -> Result<PathBuf> {
            let path = dir.join(name);
            std::fs::write(&path, text).context(path.display())?;
            Ok(path)
        };
        Ok(Self {
            ca: write("ca.pem", &ca_pem)?,
            cert: write("server.pem", &leaf.pem())?,
            key: write("server-key.pem", &key.serialize_pem())?,
            service_account_key: write("service-account-key.pem", &account.serialize_pem())?,
            service_account_public: write("service-account.pem", &account.public_key_pem())?,
            other_ca_pem: authority("another CA")?.0,
            ca_pem,
        })
    }
}

fn authority(name: &str) -> Result<(String, Issuer<'static, KeyPair>)> {
    let key = KeyPair::generate().context("making a key")?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let pem = params.self_signed(&key).context("signing the lab's CA")?.pem();
    Ok((pem, Issuer::new(params, key)))
}
