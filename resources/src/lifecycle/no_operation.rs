//! Why nothing can be asked of a remote.

use tfplugin_framework::Diagnostics;

/// Why there is no operation.
#[derive(Clone, Debug, PartialEq)]
pub struct NoOperation {
    /// The remote did not answer at all; everything else (another cluster, a refusal, a configuration that can't be
    /// used) is no reason to believe an older state.
    pub unreachable: bool,
    /// The resource was in a cluster that has been replaced, as the provider's configuration says.
    pub replaced: bool,
    /// The messages.
    pub diagnostics: Diagnostics,
}

impl From<Diagnostics> for NoOperation {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            unreachable: false,
            replaced: false,
            diagnostics,
        }
    }
}

impl From<NoOperation> for Diagnostics {
    fn from(none: NoOperation) -> Self {
        none.diagnostics
    }
}
