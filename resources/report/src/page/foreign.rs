//! Text that others wrote: names of objects, errors of remotes, evidence. It is escaped, isolated, and cut where it is too long.

use maud::{Markup, Render, html};

/// How many characters of a name are shown. Names in Kubernetes have 253 at most, ARNs seldom more.
const NAME: usize = 300;
/// How many characters of a sentence are shown.
const SENTENCE: usize = 2_000;
/// How many characters of the page's title are shown.
const TITLE: usize = 120;

/// Text by somebody else, up to a length.
#[derive(Clone, Copy)]
pub(super) struct Foreign<'a> {
    text: &'a str,
    limit: usize,
}

/// A name.
pub(super) fn name(text: &str) -> Foreign<'_> {
    Foreign { text, limit: NAME }
}

/// A sentence, such as an item of evidence.
pub(super) fn sentence(text: &str) -> Foreign<'_> {
    Foreign { text, limit: SENTENCE }
}

/// The same where no elements may stand, such as in the title.
pub(super) fn plain(text: &str) -> String {
    let (shown, left_out) = cut(text, TITLE);
    let mut plain = String::new();
    for character in shown.chars() {
        if is_hidden(character) {
            plain.push_str(&code_point(character));
        } else {
            plain.push(character);
        }
    }
    if left_out > 0 {
        plain.push('…');
    }
    plain
}

impl Render for Foreign<'_> {
    fn render(&self) -> Markup {
        let (shown, left_out) = cut(self.text, self.limit);
        html! {
            // Its direction is its own, and does not turn around what stands beside it.
            bdi {
                @for piece in shown.split_inclusive(is_hidden) {
                    @match piece.chars().next_back().filter(|last| is_hidden(*last)) {
                        None => (piece),
                        Some(last) => {
                            (piece.strip_suffix(last).unwrap_or_default())
                            span.control { (code_point(last)) }
                        }
                    }
                }
                @if left_out > 0 {
                    span.cut { "… " (left_out) " more characters are left out; the JSON has them" }
                }
            }
        }
    }
}

/// The beginning of a text, and how many characters come after it.
fn cut(text: &str, limit: usize) -> (&str, usize) {
    match text.char_indices().nth(limit) {
        None => (text, 0),
        Some((at, _)) => (&text[..at], text[at..].chars().count()),
    }
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// A browser would not show it, or would let it change how other characters are shown.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Soft hyphen, marks and overrides of the direction, and the characters without width.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            // Variation selectors and tags, which can hide whole texts.
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{fdd0}'..='\u{fdef}'
        )
        // The last two of each plane are no characters, and no HTML holds them.
        || u32::from(character) & 0xfffe == 0xfffe
}
