//! What is found on the way to the facet `confined`.

use std::collections::BTreeSet;

use crate::facet::Facet;
use crate::objects::Pod;

/// How many names a sentence has.
const SHOWN: usize = 3;

/// The facet, and what it is based on.
pub(crate) struct Confined {
    pub(crate) facet: Facet,
    pub(crate) evidence: Vec<String>,
    /// For whom it does not hold although the policies are enforced.
    pub(crate) except: BTreeSet<&'static str>,
}

impl Confined {
    /// Another fact, which holds beside those before.
    pub(crate) fn and(&mut self, facet: Facet, evidence: impl Into<String>) {
        self.facet = self.facet.and(facet);
        let evidence = format!("api: {}", evidence.into());
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }
}

/// The first names, and how many there are.
pub(crate) fn pods(pods: &[&Pod]) -> String {
    let mut names: Vec<String> = pods
        .iter()
        .map(|pod| format!("{}/{}", pod.namespace, pod.name))
        .collect();
    names.sort_unstable();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let word = if pods.len() == 1 { "Pod" } else { "Pods" };
    match more {
        0 => format!("{word} {}", names.join(", ")),
        more => format!("{word} {} and {more} more", names.join(", ")),
    }
}
