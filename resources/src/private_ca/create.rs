//! Create: find what an interrupted create left, or make a CA, and take it to ACTIVE.

use tfplugin_framework::{Attr, AttributePath, Context, Diagnostics, Leg};

use super::certify::{certify, csr, observe, settled};
use super::convert::{is_alike, marks, new_authority, token, user_tags};
use super::model::PrivateCa;
use super::{NAME, TYPE_NAME};
use crate::clients::aws::private_ca::{Authority, PrivateCa as Service};
use crate::orchestrate::owner::{CREATING_TAG, OWNER_TAG, Owner, new_instance};
use crate::provider::Session;

/// The owner of the CA `name` under an identity.
pub(super) async fn owner(session: &Session, service: &Service, name: &str) -> Result<Owner, Diagnostics> {
    let aws = service.aws();
    Ok(Owner {
        owner_id: session.owner_id.clone(),
        resource: NAME,
        place: format!("{}/{}", aws.account().await?, aws.region()),
        namespace: None,
        name: name.to_owned(),
    })
}

/// Makes or finishes the CA. As soon as it has an ARN the model has it too, so that a failure loses nothing.
pub(super) async fn create(context: &Context<Session>, model: &mut PrivateCa, leg: Option<Leg>) -> Result<(), Diagnostics> {
    let session = &context.session;
    let service = session.private_ca(model.region.as_str()).await?;
    let owner = owner(session, &service, model.name.as_str().unwrap_or_default()).await?;
    let instance = new_instance();
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (arn, tagged) = match model.restore_arn.as_str() {
        Some(arn) => (restore(&service, arn, model).await?, false),
        None => find_or_make(session, &service, &owner, &instance, &now, model, leg).await?,
    };
    model.id = arn.clone().into();
    model.arn = arn.clone().into();
    model.instance = instance.clone().into();
    model.region = service.aws().region().to_owned().into();
    finish(context, &service, &owner, &now, tagged, model).await.map_err(|mut diagnostics| {
        // The rest of the state has to be known: nothing of it was seen yet.
        for attribute in [&mut model.status, &mut model.certificate_pem, &mut model.chain_pem, &mut model.csr_pem, &mut model.not_after, &mut model.owner_account] {
            if attribute.is_unknown() {
                *attribute = Attr::Null;
            }
        }
        diagnostics.remote(
            format!("The create of {TYPE_NAME} is not finished"),
            "The CA is kept. `terraform untaint ADDRESS`, then `terraform apply` finishes it; a plain `terraform apply` goes on \
             with the same CA as well.",
        );
        diagnostics
    })
}

async fn finish(
    context: &Context<Session>,
    service: &Service,
    owner: &Owner,
    now: &str,
    tagged: bool,
    model: &mut PrivateCa,
) -> Result<(), Diagnostics> {
    let arn = model.arn.as_str().unwrap_or_default().to_owned();
    let instance = model.instance.as_str().unwrap_or_default().to_owned();
    let mut authority = settled(context, service, &arn).await?;
    if !tagged {
        let mut tags = user_tags(&context.session, model);
        tags.extend(marks(owner, &instance, Some(now)));
        service.tag(&arn, &tags).await?;
    }
    if authority.status == "FAILED" {
        let mut diagnostics = Diagnostics::new();
        let reason = authority.failure_reason.unwrap_or_default();
        diagnostics.remote("AWS could not create the CA", format!("{arn}: {reason}\n\nApply again: another CA is made."));
        return Err(diagnostics);
    }
    model.csr_pem = csr(context, service, &arn).await?.into();
    if authority.status == "PENDING_CERTIFICATE" && certify(context, service, model, &authority).await? {
        authority = settled(context, service, &arn).await?;
    }
    let enabled = model.enabled.known() != Some(&false);
    let wrong = matches!((authority.status.as_str(), enabled), ("ACTIVE", false) | ("DISABLED", true));
    if wrong {
        service.set_enabled(&arn, enabled).await?;
        authority = settled(context, service, &arn).await?;
    }
    if model.allow_acm_renewal.known() == Some(&true) && !service.acm_may_renew(&arn).await? {
        service.let_acm_renew(&arn, true).await?;
    }
    observe(service, &authority, model).await?;
    service.untag(&arn, &[CREATING_TAG]).await
}

/// The ARN of the CA to finish, and whether it carries the marks of this create already.
async fn find_or_make(
    session: &Session,
    service: &Service,
    owner: &Owner,
    instance: &str,
    now: &str,
    model: &PrivateCa,
    leg: Option<Leg>,
) -> Result<(String, bool), Diagnostics> {
    let found = service.list().await?;
    let alike = |authority: &&Authority| is_alike(model, authority);
    let mut replaced = String::new();
    for authority in found.iter().filter(|authority| is_candidate(model, authority)) {
        let tags = service.tags(&authority.arn).await?;
        if tags.get(OWNER_TAG) != Some(&owner.to_string()) {
            continue;
        }
        match (tags.contains_key(CREATING_TAG), is_alike(model, authority)) {
            (true, true) => return Ok((authority.arn.clone(), false)),
            // It never finished, and the user has mended a mistake that can't be changed in place.
            (true, false) => discard(service, model, authority).await?,
            (false, true) if leg == Some(Leg::Replacing) => replaced.clone_from(&authority.arn),
            (false, true) => return Err(exists(&authority.arn, owner)),
            (false, false) => {}
        }
    }
    let mut ended: Vec<&Authority> =
        found.iter().filter(alike).filter(|authority| matches!(authority.status.as_str(), "DELETED" | "FAILED")).collect();
    ended.sort_by_key(|authority| authority.created_at);
    let newest = ended.last().map_or("", |authority| authority.arn.as_str());
    let content = format!("{:?}", new_authority(model, String::new(), Default::default()));
    let token = token(&[&owner.to_string(), &content, newest, &replaced]);
    let mut tags = user_tags(session, model);
    tags.extend(marks(owner, instance, Some(now)));
    service.create(&new_authority(model, token, tags)).await.map(|arn| (arn, true))
}

/// Whose tags are worth a call: alike, or not finished.
fn is_candidate(model: &PrivateCa, authority: &Authority) -> bool {
    match authority.status.as_str() {
        "DELETED" | "FAILED" => false,
        "CREATING" | "PENDING_CERTIFICATE" => true,
        _ => is_alike(model, authority),
    }
}

async fn discard(service: &Service, model: &PrivateCa, authority: &Authority) -> Result<(), Diagnostics> {
    let days = model.deletion_window_days.known().and_then(|days| i32::try_from(*days).ok()).unwrap_or(30);
    service.delete(&authority.arn, days).await
}

async fn restore(service: &Service, arn: &str, model: &PrivateCa) -> Result<String, Diagnostics> {
    let path = || AttributePath::root("restore_arn");
    let mut diagnostics = Diagnostics::new();
    match service.describe(arn).await? {
        None => diagnostics.input(path(), "There is no such CA", format!("{arn} does not exist in this account and Region.")),
        Some(found) if !is_alike(model, &found) => diagnostics.input(
            path(),
            "The CA is another one",
            format!("Type, usage mode, key algorithm or subject of {arn} differ from the arguments. Nothing was restored."),
        ),
        Some(found) if found.status == "DELETED" => {
            service.restore(arn).await?;
            return Ok(found.arn);
        }
        // A restore that was interrupted has done this part already; a CA in use is refused.
        Some(found) if matches!(found.status.as_str(), "DISABLED" | "PENDING_CERTIFICATE") => return Ok(found.arn),
        Some(found) => diagnostics.input(
            path(),
            "The CA is not deleted",
            format!("{arn} is {}: there is nothing to restore. Import it instead.", found.status),
        ),
    }
    Err(diagnostics)
}

fn exists(arn: &str, owner: &Owner) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let detail = format!(
        "{arn} carries this resource's owner `{owner}`, has the same content and is finished, but is not in the state: an apply \
         was killed just before it could save it, or another state uses the same `owner_id`. Nothing was changed.\n\nIf it is this \
         resource, import it:\n\nimport {{\n  to = {TYPE_NAME}.NAME\n  id = {arn:?}\n}}"
    );
    diagnostics.remote("The CA exists already", detail);
    diagnostics
}
