//! Contrast of the colours, as WCAG 2.2 computes it, in both schemes.

use std::collections::BTreeMap;

use crate::page::STYLE;
use crate::page::verdict::{ALL, name};

type Colours = BTreeMap<String, [f64; 3]>;

/// The custom properties of the first block after `start`.
fn colours(start: &str) -> Colours {
    let (_, after) = STYLE.split_once(start).expect("the scheme");
    let (_, block) = after.split_once(":root {").expect("a block");
    let (block, _) = block.split_once('}').expect("its end");
    let declarations = block.split(';').filter_map(|declaration| declaration.split_once(':'));
    declarations
        .map(|(name, value)| {
            let hex = value.trim().strip_prefix('#').expect("a colour in hexadecimal");
            let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits")) / 255.0;
            assert_eq!(hex.len(), 6, "{value}");
            (
                name.trim().trim_start_matches("--").to_owned(),
                [part(0), part(2), part(4)],
            )
        })
        .collect()
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |part: f64| {
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn ratio(colours: &Colours, one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(colours[one]), luminance(colours[other]));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn schemes() -> [(&'static str, Colours); 2] {
    [
        ("light", colours("")),
        ("dark", colours("@media screen and (prefers-color-scheme: dark)")),
    ]
}

#[test]
fn the_ratio_is_the_one_of_wcag() {
    let colours = Colours::from([
        ("black".to_owned(), [0.0; 3]),
        ("white".to_owned(), [1.0; 3]),
        ("grey".to_owned(), [119.0 / 255.0; 3]),
    ]);
    assert!((ratio(&colours, "black", "white") - 21.0).abs() < 0.001);
    assert!((ratio(&colours, "grey", "white") - 4.478).abs() < 0.001);
}

#[test]
fn words_can_be_read_in_both_schemes() {
    for (scheme, colours) in schemes() {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for ground in ["paper", "sheet"] {
            pairs.extend(["ink", "muted", "link", "plaintext"].map(|ink| (ink.to_owned(), ground.to_owned())));
        }
        pairs.extend(ALL.map(|verdict| (name(verdict).to_owned(), format!("{}-sheet", name(verdict)))));
        // In print there are no grounds, and the word has the colour of the ground.
        pairs.push(("authenticated-sheet".to_owned(), "paper".to_owned()));
        pairs.extend(["unknown", "confined", "encrypted"].map(|ink| (ink.to_owned(), "paper".to_owned())));
        for (ink, ground) in pairs {
            let ratio = ratio(&colours, &ink, &ground);
            assert!(ratio >= 4.5, "{scheme}: {ink} on {ground} is {ratio:.2}");
        }
    }
}

#[test]
fn lines_and_focus_can_be_seen_in_both_schemes() {
    for (scheme, colours) in schemes() {
        for ground in ["paper", "sheet"] {
            for line in [
                "line",
                "focus",
                "plaintext",
                "unknown",
                "confined",
                "encrypted",
                "authenticated-sheet",
            ] {
                let ratio = ratio(&colours, line, ground);
                assert!(ratio >= 3.0, "{scheme}: {line} on {ground} is {ratio:.2}");
            }
        }
    }
}

/// Every colour is a token, so that the tests above see all of them.
#[test]
fn both_schemes_have_the_same_tokens_and_nothing_else_has_colours() {
    let [(_, light), (_, dark)] = schemes();
    assert!(light.keys().eq(dark.keys()));
    let written = STYLE.matches('#').count();
    assert_eq!(written, light.len() + dark.len());
    for word in ["rgb(", "hsl(", "green", "opacity"] {
        assert!(!STYLE.contains(word), "{word}");
    }
}

/// What is only confined never looks as if it was encrypted; what is not known looks like neither. Shapes and the style of
/// lines differ as well.
#[test]
fn no_two_verdicts_look_alike() {
    for (scheme, colours) in schemes() {
        for one in ALL {
            for other in ALL.into_iter().filter(|other| *other != one) {
                assert_ne!(colours[name(one)], colours[name(other)], "{scheme}");
                assert_ne!(
                    colours[&format!("{}-sheet", name(one))],
                    colours[&format!("{}-sheet", name(other))]
                );
            }
        }
    }
    for (verdict, style) in [("plaintext", "dotted"), ("unknown", "dashed"), ("confined", "double")] {
        for of in [".verdict", ".hop"] {
            let start = format!("{of}.{verdict} {{");
            let (_, rule) = STYLE.split_once(&start).expect("a rule");
            assert!(
                rule.split('}').next().is_some_and(|rule| rule.contains(style)),
                "{start}"
            );
        }
    }
    let page = crate::page::page(&super::broken(), "", super::now());
    let shapes: std::collections::BTreeSet<&str> = page
        .split("<path d=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(shapes.len(), ALL.len());
}
