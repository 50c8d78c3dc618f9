//! What a report comes to for a pipeline: an exit code, and why.

use e2etls_report::Report;
use e2etls_report::document::Document;
use e2etls_report::facet::Verdict;

/// What a report comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// As it was asked for.
    AsAsked,
    /// A verdict is worse than it may be.
    Below(Verdict, Verdict),
    /// This many certificates end within the time that was asked for.
    Ends(usize),
    /// No cluster has what the scope names.
    Nothing,
    /// This many things were not examined.
    Incomplete(usize),
}

/// What these reports come to: a verdict below `fail_below`, or a certificate that ends within so many days, is certain,
/// whatever else was not examined.
pub(super) fn of(document: &Document, fail_below: Option<Verdict>, expires_within: Option<i64>) -> Outcome {
    if let (Some(verdict), Some(wanted)) = (verdict(document), fail_below)
        && verdict < wanted
    {
        return Outcome::Below(verdict, wanted);
    }
    if let Some(days) = expires_within {
        let items = reports(document).flat_map(|report| &report.inventory);
        let ending = items
            .filter(|item| item.days_left.is_some_and(|left| left < days))
            .count();
        if ending > 0 {
            return Outcome::Ends(ending);
        }
    }
    let mut examined = reports(document).peekable();
    if examined.peek().is_some() && !examined.any(|report| report.found) {
        return Outcome::Nothing;
    }
    let missing = document
        .clusters
        .iter()
        .map(|cluster| cluster.incomplete.len() + usize::from(cluster.report.is_none()));
    match missing.sum() {
        0 => Outcome::AsAsked,
        missing => Outcome::Incomplete(missing),
    }
}

/// The weakest verdict of all chains; `unknown` without any, as nothing shows that what was asked about is protected. `None` if no
/// cluster was examined.
pub(super) fn verdict(document: &Document) -> Option<Verdict> {
    reports(document).next()?;
    let chains = reports(document).flat_map(|report| &report.chains);
    Some(chains.map(|chain| chain.verdict).min().unwrap_or(Verdict::Unknown))
}

/// Of the clusters that were examined.
fn reports(document: &Document) -> impl Iterator<Item = &Report> {
    document.clusters.iter().filter_map(|cluster| cluster.report.as_ref())
}

impl Outcome {
    /// The exit code.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::AsAsked => 0,
            Self::Below(..) => 3,
            Self::Ends(_) => 4,
            Self::Nothing | Self::Incomplete(_) => 5,
        }
    }

    /// Why it is not 0.
    pub(super) fn in_words(self) -> Option<String> {
        match self {
            Self::AsAsked => None,
            Self::Below(verdict, wanted) => Some(format!("The verdict is {verdict}, which is below {wanted}.")),
            Self::Ends(1) => {
                Some("A certificate has expired, or expires within the time of --expires-within.".to_owned())
            }
            Self::Ends(many) => Some(format!(
                "{many} certificates have expired, or expire within the time of --expires-within."
            )),
            Self::Nothing => Some("What the scope names was not found in any cluster that was examined.".to_owned()),
            Self::Incomplete(1) => {
                Some("The report is incomplete. It lists one thing that was not examined.".to_owned())
            }
            Self::Incomplete(many) => Some(format!(
                "The report is incomplete. It lists {many} things that were not examined."
            )),
        }
    }
}
