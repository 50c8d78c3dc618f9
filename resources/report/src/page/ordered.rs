//! The chains of all clusters in the order of the page: the worst first.

use crate::chain::Chain;
use crate::document::{ClusterReport, Document};

/// A chain in its place on the page.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    /// From 1 on.
    pub(super) number: usize,
    /// The chain.
    pub(super) chain: &'a Chain,
    /// Its cluster, where the document has more than one.
    pub(super) cluster: Option<&'a ClusterReport>,
}

impl Placed<'_> {
    /// What links to it lead to.
    pub(super) fn id(&self) -> String {
        format!("chain-{}", self.number)
    }
}

/// All chains, the weakest verdict first; those alike in the document's order.
pub(super) fn ordered(document: &Document) -> Vec<Placed<'_>> {
    let is_one_of_many = document.clusters.len() > 1;
    let mut all: Vec<_> = document
        .clusters
        .iter()
        .flat_map(|cluster| {
            let chains = cluster.report.iter().flat_map(|report| &report.chains);
            chains.map(move |chain| (cluster, chain))
        })
        .collect();
    all.sort_by_key(|(_, chain)| chain.verdict);
    all.into_iter()
        .zip(1..)
        .map(|((cluster, chain), number)| Placed {
            number,
            chain,
            cluster: is_one_of_many.then_some(cluster),
        })
        .collect()
}
