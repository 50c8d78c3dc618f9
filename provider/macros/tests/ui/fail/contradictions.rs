use tfplugin_framework::{Attr, Model, Secret};

#[derive(Clone, Model)]
struct Inner {
    /// Text.
    #[tf(required)]
    text: Attr<String>,
}

#[derive(Clone, Model)]
struct Contradictions {
    /// Nobody.
    #[tf(replace)]
    nobody: Attr<String>,
    /// Both.
    #[tf(required, optional)]
    both: Attr<String>,
    /// Required default.
    #[tf(required, default = "x")]
    required_default: Attr<String>,
    /// Kept.
    #[tf(optional, keep)]
    kept: Attr<String>,
    /// Kept default.
    #[tf(computed, keep, default = 1)]
    kept_default: Attr<i64>,
    /// Checked.
    #[tf(computed, check = check)]
    checked: Attr<String>,
    /// Open.
    #[tf(optional, sensitive)]
    open: Attr<String>,
    /// Shown.
    #[tf(optional)]
    shown: Attr<Secret<String>>,
    /// Computed secret.
    #[tf(computed, write_only)]
    from_nowhere: Attr<Secret<String>>,
    /// Twice hidden.
    #[tf(optional, write_only, sensitive)]
    twice_hidden: Attr<Secret<String>>,
    /// Block.
    #[tf(block, required)]
    block: Attr<Vec<Inner>>,
    /// Local, but computed.
    #[tf(computed, local)]
    local_computed: Attr<String>,
    /// Local, but in no state.
    #[tf(optional, write_only, local)]
    local_secret: Attr<Secret<String>>,
    /// Flattened, but optional.
    #[tf(flatten, optional, rename = "flat")]
    flattened: Inner,
    #[tf(flatten)]
    wrapped: Attr<Inner>,
    #[tf(flatten = true, flaten)]
    valued: Inner,
}

fn main() {}
