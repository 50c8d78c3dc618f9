use tfplugin_framework::{Attr, Model};

#[derive(Clone, Model)]
struct Types {
    /// Default of another type.
    #[tf(default = "x")]
    number: Attr<i64>,
}

fn main() {}
