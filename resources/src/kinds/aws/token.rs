//! Idempotency tokens: the same for the same create, so that a create that was killed gets the same object.

use std::future::Future;

use e2etls_engine::kind::{Observed, Put};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::kinds::Clients;

/// How many objects with one content may have been deleted while AWS still remembers their tokens.
const SALTS: usize = 64;

/// Base 36 of SHA-256 over `parts`, cut to `limit` characters.
#[must_use]
pub fn token(parts: &[&str], limit: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    let hash = hash.finalize();
    let halves =
        [&hash[..16], &hash[16..]].map(|half| half.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)));
    let mut text = String::new();
    for mut number in halves {
        while number > 0 && text.len() < limit {
            let digit = usize::try_from(number % 36).unwrap_or_default();
            text.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[digit]));
            number /= 36;
        }
    }
    text
}

/// Creates an object of `content` with a token that follows from it. `ask` sends the request and answers with the ARN;
/// `take` says whether that object may be taken, or is what an earlier create created and has changed since: gone,
/// ended, or finished by another instance. Then its ARN goes into the next token. After a kill the same steps give the
/// same object, and nothing needs to be remembered.
///
/// # Errors
/// Any refusal of `ask` or `take`.
async fn with_token<T, A, C>(
    limit: usize,
    content: &[&str],
    ask: impl Fn(String) -> A + Send + Sync,
    take: impl Fn(String) -> C + Send + Sync,
) -> Result<T, Refusal>
where
    T: Send,
    A: Future<Output = Result<String, Refusal>> + Send,
    C: Future<Output = Result<Option<T>, Refusal>> + Send,
{
    let mut salt = String::new();
    for _ in 0..SALTS {
        let parts: Vec<&str> = content.iter().copied().chain([salt.as_str()]).collect();
        let arn = ask(token(&parts, limit)).await?;
        if let Some(taken) = take(arn.clone()).await? {
            return Ok(taken);
        }
        salt = arn;
    }
    let words = "every object that AWS returned is gone or belongs to another owner";
    Err(Refusal::new(Answer::Conflict(Vec::new()), "create", salt, words))
}

/// Goes on with what an earlier attempt of this write has made, or creates an object whose token follows from its owner,
/// its address and these members of its content. What is made is told.
///
/// # Errors
/// As [`with_token`].
pub async fn make<T, A, C>(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    (limit, members): (usize, &[&str]),
    ask: impl Fn(String) -> A + Send + Sync,
    take: impl Fn(String) -> C + Send + Sync,
) -> Result<T, Refusal>
where
    T: Send,
    A: Future<Output = Result<String, Refusal>> + Send,
    C: Future<Output = Result<Option<T>, Refusal>> + Send,
{
    let take = |arn: String| {
        let taking = take(arn.clone());
        async move {
            let taken = taking.await?;
            if taken.is_some() {
                tell(put, &arn);
            }
            Ok(taken)
        }
    };
    if let Some(made) = put.made.object()
        && let Some(taken) = take(made.uid).await?
    {
        return Ok(taken);
    }
    let members: Vec<&Value> = members.iter().map(|member| &put.part.content[*member]).collect();
    let content = [
        op.owner.to_string(),
        put.part.address.clone(),
        json!(members).to_string(),
    ];
    with_token(limit, &content.each_ref().map(String::as_str), ask, take).await
}

/// Tells that the object of this ARN is the one that is made.
pub fn tell(put: &Put<'_, Clients>, arn: &str) {
    put.made.tell(Observed {
        name: put.part.name.clone(),
        uid: arn.to_owned(),
        ..Observed::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_changes_with_each_of_its_parts_and_fits() {
        assert_eq!(token(&["a", "b"], 36), token(&["a", "b"], 36));
        assert_ne!(token(&["a", "b"], 36), token(&["ab", ""], 36));
        assert_eq!((token(&["x"], 36).len(), token(&["x"], 32).len()), (36, 32));
        assert!(token(&["x"], 36).chars().all(|c| c.is_ascii_alphanumeric()));
    }

    #[tokio::test]
    async fn what_may_not_be_taken_salts_the_next_token() {
        let first = token(&["owner", "content", ""], 36);
        let second = token(&["owner", "content", &format!("arn:{first}")], 36);
        let ask = |token: String| async move { Ok(format!("arn:{token}")) };
        let take = |arn: String| {
            let gone = arn == format!("arn:{first}");
            async move { Ok((!gone).then_some(arn)) }
        };
        let taken = with_token(36, &["owner", "content"], ask, take).await;
        assert_eq!(taken, Ok(format!("arn:{second}")));
    }

    #[tokio::test]
    async fn it_gives_up_in_the_end() {
        let ask = |token: String| async move { Ok(token) };
        let taken = with_token(36, &["a"], ask, |_| async { Ok(None::<()>) }).await;
        assert!(taken.is_err());
    }
}
