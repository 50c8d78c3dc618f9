//! The parts that Certificates and issuers are: with what proves them, and what their controllers make.

use std::sync::Arc;

use e2etls_engine::part::{Part, Role};
use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};

use super::canary::IssuerReady;
use super::certificate::{CertificateSpec, render};
use super::issued::IssuedBy;
use super::issuer::{self, IssuerSpec, Verify};
use crate::kinds::Clients;
use crate::kinds::kube::{SECRET, part};

/// The Certificate at `address`, proven to be issued by the requested CA, and the Secret that cert-manager creates for
/// it, at `secret`.
#[must_use]
pub fn certificate(address: &str, secret: &str, spec: &CertificateSpec, manifest: Value) -> [Part<Clients>; 2] {
    debug_assert_eq!(manifest["spec"]["secretName"], render(spec)["spec"]["secretName"]);
    let name = format!("{}/{}", spec.namespace, spec.secret_name);
    let ready = IssuedBy { spec: spec.clone() };
    [
        part(address, manifest).ready_when(Arc::new(ready)),
        Part::new(secret, &SECRET, name, json!({})).role(Role::Follow(address.to_owned())),
    ]
}

/// How an issuer is checked.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is requested; `None` while that is not known.
    pub verify: Option<Verify>,
    /// Namespace of the request.
    pub namespace: String,
    /// Usages of the request, in cert-manager's words.
    pub usages: Vec<String>,
}

/// Address of the check of the issuer at `address`: what waits for the issuer comes after this.
#[must_use]
pub fn check_of(address: &str) -> String {
    format!("{address}/check")
}

/// The issuer at `address`, and its check, which is made again when what is checked changes.
#[must_use]
pub fn issuer(address: &str, spec: &IssuerSpec, manifest: Value, check: Check) -> [Part<Clients>; 2] {
    let issuer = part(address, manifest);
    let words = match check.verify {
        Some(Verify::Issue) => "issue",
        Some(Verify::Ready) => "ready",
        Some(Verify::Nothing) => "none",
        None => UNKNOWN,
    };
    let content = json!({"issuer": issuer::render(spec), "verify": words, "usages": check.usages});
    let ready = IssuerReady {
        verify: check.verify.unwrap_or(Verify::Issue),
        namespace: check.namespace,
        issuer: issuer.name.clone(),
        usages: check.usages,
        reference: spec.reference(),
        template: spec.template.clone(),
    };
    let name = issuer.reference();
    let check = Part::wait_only(check_of(address), name, content, Arc::new(ready)).after(address);
    [issuer, check]
}
