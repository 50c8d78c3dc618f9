use tfplugin_framework::{Attr, Model};

#[derive(Clone, Model)]
struct Flags {
    /// Misspelled.
    #[tf(requird)]
    misspelled: Attr<String>,
    /// Far off.
    #[tf(required, immutable)]
    far_off: Attr<String>,
    /// Values.
    #[tf(required = true, check = "code", deprecated = 3, rename)]
    values: Attr<String>,
    /// Code.
    #[tf(default = 1 + 2)]
    code: Attr<i64>,
    /// No default.
    #[tf(default)]
    no_default: Attr<i64>,
    /// Syntax.
    #[tf(required check)]
    syntax: Attr<i64>,
}

fn main() {}
