//! Creates, reads, updates and deletes: the life of a composite, and around it what only certificates have.

use async_trait::async_trait;
use jiff::Timestamp;
use tfplugin_framework::{
    Applied, Attr, AttributePath, Choice, Config, Context, Diagnostics, ImportRequest, Imported, Plan, Private, State,
    parse_go_duration,
};

use super::issued::IssuedBy;
use super::model::{Algorithm, Certificate, PrivateKey, Rotation};
use super::render::{CertificateSpec, KeySpec, observe};
use super::{PART, plan, report};
use crate::issuer::{IssuerRef, authority};
use crate::orchestrate::composite::{Common, Composite};
use crate::orchestrate::create::{instance_of, secret_address, secret_state};
use crate::orchestrate::deployer;
use crate::orchestrate::engine::Engine;
use crate::orchestrate::frame::{self, Place};
use crate::orchestrate::import;
use crate::orchestrate::owner::new_instance;
use crate::orchestrate::part::{Part, PartState};
use crate::session::Session;
use crate::usage::Usage;
use e2etls_clients::kube::kinds::{CERTIFICATE, SECRET};

#[async_trait]
impl Composite for Certificate {
    const NAME: &'static str = "certificate";
    const TYPE_NAME: &'static str = "e2etls_certificate";
    const README: &'static str = include_str!("README.md");
    const NOT_KEPT: &'static [&'static str] = &[];
    // Nothing is kept: what a certificate is made of can be read from its object.
    const CONFIGURATION: &'static str = "";

    fn place(&self) -> Place<'_> {
        Place {
            resource: Self::NAME,
            type_name: Self::TYPE_NAME,
            cluster: self.cluster.as_str(),
            cluster_uid: self.cluster_uid.as_str(),
            namespace: self.namespace.as_str(),
            name: self.name.as_str().unwrap_or_default(),
            force_conflicts: self.force_conflicts.known() == Some(&true),
        }
    }

    fn common(&mut self) -> Common<'_> {
        Common {
            id: &mut self.id,
            instance: &mut self.instance,
            cluster_uid: &mut self.cluster_uid,
            parts: &mut self.parts,
            drift: &mut self.drift,
        }
    }

    fn render(&self) -> Option<Vec<Part>> {
        Some(vec![Part::new(PART, plan::manifest(self))])
    }

    fn check(config: &Config<Self>, diagnostics: &mut Diagnostics) {
        plan::validate(config, diagnostics);
    }

    fn fill(config: &Config<Self>, _prior: Option<&State<Self>>, planned: &mut Plan<Self>) {
        plan::fill(config, planned);
    }

    fn before_update(prior: &mut Self, _planned: &Self) {
        plan::check_again(prior);
    }

    /// A certificate that was not proven is not ready, and the next plan shows that.
    async fn written(_context: &Context<Session>, mut applied: Applied<Self>) -> Applied<Self> {
        if let Some(State(certificate)) = applied.state.as_mut().filter(|_| applied.diagnostics.has_errors()) {
            certificate.ready = Attr::Known(false);
        }
        applied
    }

    async fn import(context: &Context<Session>, request: ImportRequest) -> Imported<Self> {
        from_object(context, request).await
    }

    fn derive(&mut self) {
        plan::derive(self);
    }

    async fn prepare(
        &self,
        context: &Context<Session>,
        _engine: &Engine,
        parts: Vec<Part>,
    ) -> Result<Vec<Part>, Diagnostics> {
        let arn = AttributePath::root("issuer").attribute("ca_arn");
        let ready = issued_by(
            &context.session,
            &plan::spec(self),
            arn,
            AttributePath::root("duration"),
        )
        .await?;
        Ok(parts.into_iter().map(|part| part.ready_when(ready.clone())).collect())
    }
}

/// The readiness of the certificate `spec`, after the CA behind its issuer was looked up.
///
/// # Errors
/// At `arn` and `duration`, where the user wrote them: a CA that can't issue, or not for so long.
pub async fn issued_by(
    session: &Session,
    spec: &CertificateSpec,
    arn: AttributePath,
    duration: AttributePath,
) -> Result<IssuedBy, Diagnostics> {
    let Some(ca_arn) = &spec.issuer.ca_arn else {
        return Ok(IssuedBy {
            spec: spec.clone(),
            authority: None,
        });
    };
    let authority = authority::look(session, ca_arn, arn).await?;
    if let Some(lifetime) = parse_go_duration(&spec.duration) {
        authority.may_issue_for(lifetime, Timestamp::now(), duration)?;
    }
    Ok(IssuedBy {
        spec: spec.clone(),
        authority: Some(authority.certificate),
    })
}

/// The object tells all.
async fn from_object(context: &Context<Session>, request: ImportRequest) -> Imported<Certificate> {
    let id = frame::import_id(&request.id, true)?;
    let engine = frame::engine(context, import::place::<Certificate>(&id)).await?;
    let mut diagnostics = Diagnostics::new();
    let object = match engine
        .objects()
        .get(CERTIFICATE, id.namespace.as_deref(), &id.name)
        .await
    {
        Ok(Some(object)) => object,
        Ok(None) => {
            diagnostics.remote(
                "There is nothing to import",
                format!("The cluster has no Certificate `{}`.", request.id),
            );
            return Err(diagnostics);
        }
        Err(error) => {
            diagnostics.remote("Can't look for what to import", error.to_string());
            return Err(diagnostics);
        }
    };
    deployer::is_free(&object, &format!("Certificate `{}`", request.id))?;
    let Some(mut certificate) = observe(&object).and_then(|spec| of_spec(&spec)) else {
        let detail = "The Certificate has no DNS names, or usages or a key that this resource does not know. Change it by hand to \
                      what this resource can render, and import again.";
        diagnostics.remote("This certificate can't be imported", detail);
        return Err(diagnostics);
    };
    let part = Part::new(PART, plan::manifest(&certificate));
    let notes = engine.baseline(std::slice::from_ref(&part)).await?;
    let mut private = Private::default();
    notes.store(&mut private);
    let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    let state = PartState {
        r#ref: part.reference().into(),
        uid: uid.into(),
        digest: part.digest(),
    };
    let secret = secret_state(&part, Attr::Known(secret_uid(&engine, &part, &object).await));
    certificate.parts = Attr::Known([(PART.to_owned(), state), (secret_address(PART), secret)].into());
    certificate.id = engine.import_id.clone().into();
    certificate.cluster = id.cluster.into();
    certificate.cluster_uid = engine.owner.place.clone().into();
    certificate.instance = instance_of(&object).map_or_else(new_instance, str::to_owned).into();
    certificate.ready = Attr::Known(report::is_ready(Some(&object)).is_some());
    Ok((State(certificate), private))
}

/// The Secret goes with the certificate only where we made both.
async fn secret_uid(engine: &Engine, part: &Part, object: &serde_json::Value) -> String {
    if !engine.owns(object) {
        return String::new();
    }
    let name = part.manifest["spec"]["secretName"].as_str().unwrap_or_default();
    let uid = engine
        .objects()
        .uid_by_dry_run_delete(SECRET, part.namespace(), name)
        .await;
    uid.ok().flatten().unwrap_or_default()
}

/// The arguments that render to `spec`; `None` if there are none.
pub(super) fn of_spec(spec: &CertificateSpec) -> Option<Certificate> {
    let usages: Option<Vec<Usage>> = spec.usages.iter().map(|usage| Usage::from_word(usage)).collect();
    let key = PrivateKey {
        algorithm: Algorithm::from_word(&spec.key.algorithm)?.into(),
        size: spec.key.size.into(),
        rotation: Rotation::from_word(&spec.key.rotation)?.into(),
    };
    let issuer = &spec.issuer;
    let mut certificate = Certificate {
        id: Attr::Null,
        instance: Attr::Null,
        cluster: Attr::Null,
        cluster_uid: Attr::Null,
        name: spec.name.clone().into(),
        namespace: spec.namespace.clone().into(),
        dns_names: spec.dns_names.clone().into(),
        issuer: Attr::Known(IssuerRef {
            name: issuer.name.clone().into(),
            kind: issuer.kind.clone().into(),
            group: issuer.group.clone().into(),
            ca_arn: issuer.ca_arn.clone().into(),
        }),
        duration: spec.duration.clone().into(),
        renew_before_percentage: spec.renew_before_percentage.into(),
        usages: usages?.into(),
        key: if spec.key == KeySpec::default() {
            Attr::Null
        } else {
            Attr::Known(key)
        },
        secret_name: spec.secret_name.clone().into(),
        platform: Attr::Null,
        template_version: 1.into(),
        force_conflicts: false.into(),
        timeouts: Attr::Null,
        ready: Attr::Null,
        spec_sha256: Attr::Null,
        parts: Attr::Null,
        drift: Attr::Known(Vec::new()),
    };
    plan::derive(&mut certificate);
    Some(certificate)
}
