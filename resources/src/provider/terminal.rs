//! What subcommands say in the terminal. Names and messages of others may hold anything: what would control the terminal is
//! shown, and not sent there.

use std::io::Write as _;

/// Writes lines to the standard output.
pub(super) fn print(lines: &str) {
    drop(writeln!(std::io::stdout(), "{}", by_line(lines)));
}

/// Writes lines to the standard error.
pub(super) fn say(lines: &str) {
    drop(writeln!(std::io::stderr(), "{}", by_line(lines)));
}

fn by_line(lines: &str) -> String {
    lines.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// A line in which nothing controls the terminal, or changes the order of what is read: `\u{1b}` is written out.
pub(super) fn escaped(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        if controls(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// True for control characters, line separators, and marks of the direction of text.
pub(super) fn controls(c: char) -> bool {
    let is_mark = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_the_terminal_is_written_out() {
        for (line, shown) in [
            ("Ingress shop/wéb → app", "Ingress shop/wéb → app"),
            ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\rb\tc\nd\u{7f}", "a\\rb\\tc\\nd\\u{7f}"),
            ("a\u{202e}b\u{2028}c\u{2066}", "a\\u{202e}b\\u{2028}c\\u{2066}"),
        ] {
            assert_eq!(escaped(line), shown);
        }
        assert_eq!(by_line("a\nb\u{7}"), "a\nb\\u{7}");
    }
}
