//! The end of a CA.

use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};

use super::becomes;
use super::content::WINDOW;
use super::see::describe;
use crate::kinds::Clients;

/// Deletes the CA; AWS wants an ACTIVE one disabled first. It can be restored for as long as its tag says.
pub(super) async fn delete(op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
    match send(op, object).await {
        // It is in another state than it was seen in; perhaps it is gone.
        Err(refusal) if matches!(refusal.answer, Answer::Conflict(_)) => match describe(op, &object.uid).await? {
            Some(_) => Err(refusal),
            None => Err(Refusal {
                answer: Answer::Absent,
                ..refusal
            }),
        },
        sent => sent.map(|()| false),
    }
}

async fn send(op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
    let (api, arn) = (op.remotes.acm_pca(), object.uid.as_str());
    let mut status = object.content["status"].as_str().unwrap_or("CREATING").to_owned();
    if status == "CREATING" {
        status = becomes(op, arn, |status| status != "CREATING").await?.status;
    }
    if status == "ACTIVE" {
        api.set_enabled(arn, false).await?;
    }
    let days = object.content["deletion_window_days"].as_i64();
    let days = days.and_then(|days| i32::try_from(days).ok());
    api.delete(arn, days.unwrap_or(WINDOW)).await
}
