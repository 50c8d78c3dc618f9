//! Step 8: destroy, and what is left.

use e2etls_lab::lab::Result;

use super::check;
use super::crash::all_authorities;
use super::stage::{Stage, say, succeeded};

/// Destroys, and compares the namespace with what it was before.
pub(crate) async fn destroyed(stage: &Stage, before: &[(String, String)]) -> Result<()> {
    stage.step(8, "terraform destroy");
    let refused = stage.terraform.destroy(&[]).await?;
    check(
        refused.code == Some(1) && refused.words().contains("deletion_protection"),
        || format!("destroy should be refused while protected: {refused}"),
    )?;
    say("   Refused while deletion_protection is set; giving it up is an apply of its own.");
    succeeded(stage.terraform.apply(&["-var=protected=false"]).await?)?;
    succeeded(stage.terraform.destroy(&["-var=protected=false"]).await?)?;
    let after = stage
        .until("the namespace to be as before", || async {
            let now = stage.listing().await?;
            Ok((now == before).then_some(now))
        })
        .await;
    if after.is_err() {
        let now = stage.listing().await?;
        let extra: Vec<_> = now.iter().filter(|object| !before.contains(object)).collect();
        let gone: Vec<_> = before.iter().filter(|object| !now.contains(object)).collect();
        check(false, || format!("destroy left {extra:?} and took {gone:?}"))?;
    }
    let authorities = all_authorities(stage).await?;
    check(authorities.len() == 1 && authorities[0].1 == "DELETED", || {
        format!("the CA should be DELETED: {authorities:?}")
    })?;
    say(&format!(
        "   The namespace is as before ({} objects, the same UIDs). Left: the CA as DELETED (restorable), events.",
        before.len()
    ));
    Ok(())
}
