//! OpenSSL's command line: a CA outside of AWS, and a reader of certificates.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Runs OpenSSL on this input and returns what it wrote.
pub(crate) fn openssl(args: &[&str], input: &str) -> String {
    let mut child = Command::new("openssl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl runs");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes())
        .expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {args:?}: {complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A root outside of AWS. Its key goes with the value.
pub(crate) struct Root {
    dir: tempfile::TempDir,
    pub(crate) certificate_pem: String,
}

impl Root {
    pub(crate) fn new(common_name: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let file = |name: &str| dir.path().join(name).display().to_string();
        let subject = format!("/CN={common_name}");
        let key = file("root.key");
        let args = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "3650",
        ];
        let certificate_pem = openssl(&[&args[..], &["-keyout", &key, "-subj", &subject]].concat(), "");
        std::fs::write(file("root.pem"), &certificate_pem).expect("written");
        let extensions = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n\
                          subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
        std::fs::write(file("ca.ext"), extensions).expect("written");
        Self { dir, certificate_pem }
    }

    /// Signs a subordinate CA.
    pub(crate) fn sign(&self, csr_pem: &str, days: u32) -> String {
        let file = |name: &str| self.dir.path().join(name).display().to_string();
        let (root, key, extensions, days) = (file("root.pem"), file("root.key"), file("ca.ext"), days.to_string());
        let args = [
            "x509",
            "-req",
            "-CA",
            &root,
            "-CAkey",
            &key,
            "-CAcreateserial",
            "-days",
            &days,
            "-extfile",
            &extensions,
        ];
        openssl(&args, csr_pem)
    }
}
