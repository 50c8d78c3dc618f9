//! Tokens of a configuration, as NGINX reads them (`ngx_conf_read_token` in `src/core/ngx_conf_file.c`).

use std::iter::Peekable;
use std::str::Chars;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or an argument, without its quotes and escapes.
    Word(String),
    /// `;`
    End,
    /// `{`
    Open,
    /// `}`
    Close,
}

/// All tokens.
///
/// # Errors
/// What NGINX could not read.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut chars = text.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(&next) = chars.peek() {
        match next {
            ' ' | '\t' | '\r' | '\n' => drop(chars.next()),
            '#' => while chars.next().is_some_and(|c| c != '\n') {},
            ';' | '{' | '}' => {
                chars.next();
                tokens.push(match next {
                    ';' => Token::End,
                    '{' => Token::Open,
                    _ => Token::Close,
                });
            }
            quote @ ('"' | '\'') => {
                chars.next();
                tokens.push(Token::Word(quoted(&mut chars, quote)?));
            }
            _ => tokens.push(Token::Word(bare(&mut chars)?)),
        }
    }
    Ok(tokens)
}

/// The rest of a quoted word. Behind it there is a space, or what ends the directive.
fn quoted(chars: &mut Peekable<Chars<'_>>, quote: char) -> Result<String, String> {
    let mut word = String::new();
    loop {
        match chars.next() {
            None => return Err(format!("the quote {quote} is not closed")),
            Some('\\') => escaped(chars, &mut word),
            Some(c) if c == quote => break,
            Some(c) => word.push(c),
        }
    }
    match chars.peek() {
        None | Some(' ' | '\t' | '\r' | '\n' | ';' | '{' | ')') => Ok(word),
        Some(other) => Err(format!("unexpected `{other}` after {quote}{word}{quote}")),
    }
}

/// A word without quotes: it ends at a space, `;` or `{`, except for the brace of `${name}`.
fn bare(chars: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut word = String::new();
    let mut variable = false;
    while let Some(&next) = chars.peek() {
        if !(next == '{' && variable) && matches!(next, ' ' | '\t' | '\r' | '\n' | ';' | '{') {
            break;
        }
        chars.next();
        variable = next == '$';
        if next == '\\' {
            escaped(chars, &mut word);
        } else {
            word.push(next);
        }
    }
    Ok(word)
}

/// What follows a backslash.
fn escaped(chars: &mut Peekable<Chars<'_>>, word: &mut String) {
    match chars.next() {
        Some(c @ ('"' | '\'' | '\\')) => word.push(c),
        Some('t') => word.push('\t'),
        Some('r') => word.push('\r'),
        Some('n') => word.push('\n'),
        Some(other) => word.extend(['\\', other]),
        None => word.push('\\'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let shown = |token: &Token| match token {
            Token::Word(word) => format!("<{word}>"),
            Token::End => ";".to_owned(),
            Token::Open => "{".to_owned(),
            Token::Close => "}".to_owned(),
        };
        tokens(text).map_or_else(|error| error, |tokens| tokens.iter().map(shown).collect())
    }

    #[test]
    fn words_are_what_nginx_takes_them_for() {
        for (text, expected) in [
            (r#""listen" 18081;"#, "<listen><18081>;"),
            ("a b;c{d}", "<a><b>;<c>{<d}>"),
            ("a {b c;}", "<a>{<b><c>;}"),
            ("# listens 80;\nx;", "<x>;"),
            ("x#y z;", "<x#y><z>;"),
            (
                r#"add_header X "{"; y "} server {";"#,
                "<add_header><X><{>;<y><} server {>;",
            ),
            (r"a 'it\'s' \;b;", r"<a><it's><\;b>;"),
            ("return 200 ${a}b{", "<return><200><${a}b>{"),
            ("a\\ b;", "<a\\ b>;"),
            (r#"a "x"y;"#, "unexpected `y` after \"x\""),
            (r#"a "x"#, "the quote \" is not closed"),
            ("", ""),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
