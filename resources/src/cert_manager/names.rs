//! Names that a certificate seems to cover, and does not.

use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

/// Warns, where the names at `at` are new, of a wildcard without the domain above it: `*.example.com` is not valid for
/// `example.com`.
pub fn remark(
    at: &AttributePath,
    prior: Option<&Attr<Vec<String>>>,
    planned: &Attr<Vec<String>>,
    diagnostics: &mut Diagnostics,
) {
    let Some(names) = planned.known().filter(|_| prior != Some(planned)) else {
        return;
    };
    for (position, name) in names.iter().enumerate() {
        let Some(parent) = name.strip_prefix("*.").filter(|parent| !covers(names, parent)) else {
            continue;
        };
        diagnostics.add(
            Diagnostic::warning("The wildcard does not cover its parent domain")
                .at(at.clone().index(position))
                .because(format!(
                    "A certificate for `{name}` is valid for names with exactly one label in place of `*`, but not for `{parent}`."
                ))
                .advice(format!("If clients also use `{parent}`, add that name too.")),
        );
    }
}

/// True if one of the names is valid for `name`.
fn covers(names: &[String], name: &str) -> bool {
    let above = name.split_once('.').map(|(_, above)| format!("*.{above}"));
    names.iter().any(|one| one == name || Some(one) == above.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(prior: Option<&[&str]>, planned: &[&str]) -> Vec<String> {
        let attr = |names: &[&str]| Attr::Known(names.iter().map(|name| (*name).to_owned()).collect());
        let mut found = Diagnostics::new();
        remark(
            &AttributePath::root("names"),
            prior.map(attr).as_ref(),
            &attr(planned),
            &mut found,
        );
        let path = |one: &Diagnostic| one.path.as_ref().map(ToString::to_string);
        found.iter().filter_map(path).collect()
    }

    #[test]
    fn a_wildcard_alone_is_told_when_it_is_new() {
        for (names, told) in [
            (&["*.app.example.com"][..], &["names[0]"][..]),
            (&["a.example.com", "*.app.example.com"], &["names[1]"]),
            (&["*.app.example.com", "app.example.com"], &[]),
            (&["*.app.example.com", "*.example.com"], &["names[1]"]),
            (&["app.example.com"], &[]),
        ] {
            assert_eq!(warned(None, names), told, "{names:?}");
            assert_eq!(warned(Some(&["old.example.com"]), names), told, "{names:?}");
            assert_eq!(warned(Some(names), names), Vec::<String>::new(), "{names:?}");
        }
    }
}
