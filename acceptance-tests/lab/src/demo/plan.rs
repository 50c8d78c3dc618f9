//! Step 2: what the plan says before anything is made.

use std::collections::BTreeSet;

use e2etls_lab::lab::Result;
use serde_json::Value;

use super::check;
use super::stage::{STACK, Stage, say};

/// Plans, and prints the hops and the parts.
pub(crate) async fn shown(stage: &Stage) -> Result<()> {
    stage.step(2, "terraform plan: a private CA and a stack");
    let plan = stage.terraform.plan(&[]).await?;
    let stack = plan.change(STACK).json;
    hops(&stack)?;
    let parts = parts(&stack);
    check(parts.contains("proxy/deployment"), || {
        format!("the parts should be known at plan: {stack:#}")
    })?;
    say(&format!("   parts: {}", Vec::from_iter(parts).join(", ")));
    Ok(())
}

/// Prints the hops of a planned stack.
pub(crate) fn hops(stack: &Value) -> Result<()> {
    let hops = stack["after"]["expected_hops"].as_array().cloned().unwrap_or_default();
    check(!hops.is_empty(), || {
        format!("the hops should be known at plan: {stack:#}")
    })?;
    for hop in &hops {
        say(&format!(
            "   hop {} -> {}: {} (TLS {}, confined {})",
            word(hop, "from"),
            word(hop, "to"),
            word(hop, "verdict"),
            word(hop, "tls"),
            word(hop, "confined")
        ));
        check(hop["verdict"] != "plaintext", || {
            format!("no hop should be plaintext: {hop}")
        })?;
    }
    say(&format!(
        "   expected_verdict: {}",
        word(&stack["after"], "expected_verdict")
    ));
    Ok(())
}

/// The addresses of the parts in a change, whether or not all of each is known.
fn parts(change: &Value) -> BTreeSet<String> {
    let maps = [&change["after"]["parts"], &change["after_unknown"]["parts"]];
    maps.iter()
        .filter_map(|map| map.as_object())
        .flat_map(|map| map.keys().cloned())
        .collect()
}

fn word<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or("?")
}
