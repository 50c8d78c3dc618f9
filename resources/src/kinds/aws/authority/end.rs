//! The end of a CA: deleted, or given up.

use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};

use super::content::{WINDOW, WINDOW_TAG, is_over};
use super::wait::until;
use crate::kinds::Clients;
use crate::kinds::aws::marks;

/// Deletes the CA; AWS wants an ACTIVE one disabled first. It can be restored for as long as its tag says.
pub(super) async fn delete(op: &Operation<Clients>, object: &Observed) -> Result<bool, Refusal> {
    let arn = object.uid.as_str();
    match send(op, object).await {
        Err(refusal) if matches!(refusal.answer, Answer::Conflict(_)) => {
            // It is in another state than it was seen in.
            match op.remotes.acm_pca().describe(arn).await? {
                Some(found) if !is_over(&found.status) => Err(refusal),
                _ => Err(Refusal {
                    answer: Answer::Absent,
                    ..refusal
                }),
            }
        }
        sent => sent.map(|()| false),
    }
}

async fn send(op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
    let (api, arn) = (op.remotes.acm_pca(), object.uid.as_str());
    let status = match object.content["status"].as_str() {
        Some("CREATING") | None => {
            until(op, arn, "the CA is created", || async {
                Ok(match api.describe(arn).await? {
                    Some(found) if found.status == "CREATING" => Err(found.status),
                    found => Ok(found.map_or_else(String::new, |found| found.status)),
                })
            })
            .await?
        }
        Some(status) => status.to_owned(),
    };
    if status == "ACTIVE" {
        api.set_enabled(arn, false).await?;
    }
    let days = object.content["deletion_window_days"].as_i64();
    api.delete(arn, days.and_then(|days| i32::try_from(days).ok()).unwrap_or(WINDOW))
        .await
}

/// Takes our marks off the CA.
pub(super) async fn release(op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
    let marks = object.marks.as_ref().map(marks::tags).unwrap_or_default();
    let mut keys: Vec<&str> = marks.keys().map(String::as_str).collect();
    if object.content["deletion_window_days"] != WINDOW {
        keys.push(WINDOW_TAG);
    }
    op.remotes.acm_pca().untag(&object.uid, &keys).await
}
