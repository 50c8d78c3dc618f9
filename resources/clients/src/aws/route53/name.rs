//! The form of names.

/// The name in one form: lower case, `*` as it is, and a dot at its end. Route 53 answers `\052.example.com.` for
/// `*.example.com`, and other characters in octal too
/// (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>).
#[must_use]
pub fn canonical(name: &str) -> String {
    let mut plain = String::with_capacity(name.len() + 1);
    let mut rest = name;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let code = rest
            .get(at + 1..at + 4)
            .and_then(|code| u8::from_str_radix(code, 8).ok());
        match code.filter(u8::is_ascii) {
            Some(code) => {
                plain.push(char::from(code));
                rest = &rest[at + 4..];
            }
            None => {
                plain.push('\\');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    plain.make_ascii_lowercase();
    if !plain.ends_with('.') {
        plain.push('.');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn names_have_one_form() {
        for (given, wanted) in [
            ("Example.com", "example.com."),
            (r"\052.example.com.", "*.example.com."),
            ("*.example.com", "*.example.com."),
            (r"a\134b.example.com", r"a\b.example.com."),
            (r"a\", r"a\."),
        ] {
            assert_eq!(canonical(given), wanted, "{given}");
        }
    }
}
