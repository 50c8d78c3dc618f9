use tfplugin_framework::Choice;

#[derive(Clone, Copy, Choice)]
enum Choices {
    Holds(u8),
    #[tf(renam = "two")]
    Two,
    #[tf(rename = "Four")]
    Three,
    Four,
}

#[derive(Clone, Copy, Choice)]
enum Nothing {}

#[derive(Clone, Copy, Choice)]
struct Struct;

fn main() {}
