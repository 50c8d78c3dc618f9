use tfplugin_framework::{Attr, Model};

#[derive(Clone, Model)]
struct Fields {
    #[tf(required)]
    undocumented: Attr<String>,
    /// Plain.
    #[tf(required)]
    plain: Vec<String>,
    /// Upper.
    #[tf(required, rename = "Upper-Case")]
    upper: Attr<String>,
    /// Twice.
    #[tf(required)]
    twice: Attr<String>,
    /// Twice again.
    #[tf(required, rename = "twice")]
    again: Attr<String>,
}

#[derive(Clone, Model)]
struct Tuple(Attr<String>);

#[derive(Clone, Model)]
struct Generic<T> {
    /// Any.
    #[tf(required)]
    any: Attr<T>,
}

#[derive(Clone, Model)]
enum Enum {
    One,
}

fn main() {}
