//! Which parts an operation leaves as they are.

use super::Run;
use crate::kind::{Kind, Observed, Remotes};
use crate::ownership::Ownership;
use crate::part::Part;

impl<R: Remotes> Run<'_, R> {
    /// True if nothing needs to be written: the part did not change, and its links resolve to what is there. What somebody
    /// changed in it since the plan is the next plan's to show.
    pub(super) fn is_untouched(
        &self,
        index: usize,
        part: &Part<R>,
        kind: &dyn Kind<R>,
        object: &Observed,
        whose: Ownership,
    ) -> bool {
        let rendered = &self.desired.parts[index];
        let marked = object.marks.as_ref().is_some_and(|marks| marks.creating.is_some());
        let is_stamped = self.mark.is_some() && self.holder == Some(index);
        if self.desired.creates || whose != Ownership::Mine || marked || is_stamped || self.desired.changes(rendered) {
            return false;
        }
        let linked = kind.differences(&part.content, &rendered.content);
        let differing = kind.differences(&part.content, &object.content);
        differing.keys().all(|path| !linked.contains_key(path))
    }
}
