//! Text of others: it neither breaks the page, nor runs, nor hides.

use proptest::prelude::*;
use scraper::{ElementRef, Html};

use super::{SHA256, all_of, now, select, shown, text, texts};
use crate::page::page;

const TEXTS: [&str; 8] = [
    "<script>alert(1)</script>",
    "</style></title></textarea><img src=x onerror=alert(1)>",
    "\" onfocus=\"alert(1)\" autofocus x=\"",
    "' onfocus='alert(1)",
    "<!-- ",
    "]]><![CDATA[",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "javascript:alert(1)",
];

/// The elements of a page, in an order that no text decides, without what marks characters and cuts within foreign text.
fn skeleton(html: &Html) -> Vec<String> {
    let is_mark = |element: &ElementRef<'_>| matches!(element.attr("class"), Some("control" | "cut"));
    let mut all: Vec<String> = select(html, "*")
        .into_iter()
        .filter(|element| !is_mark(element))
        .map(|element| {
            let attributes: Vec<String> = element
                .value()
                .attrs()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{} {}", element.value().name(), attributes.join(" "))
        })
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn markup_is_text() {
    let harmless = skeleton(&shown(&all_of("x", "x")));
    for hostile in TEXTS {
        let html = shown(&all_of(hostile, hostile));
        assert!(skeleton(&html) == harmless, "{hostile}");
        let shown: Vec<String> = select(&html, "bdi")
            .into_iter()
            .map(|bdi| bdi.text().collect())
            .collect();
        assert!(
            shown.iter().filter(|text| *text == hostile).count() > 20,
            "{hostile}: {shown:#?}"
        );
    }
}

/// All that is foreign is isolated: the direction of a name turns nothing around it.
#[test]
fn foreign_text_stands_in_an_element_of_its_own() {
    let html = shown(&all_of("FOREIGN", "FOREIGN"));
    let isolated = texts(&html, "bdi").iter().filter(|text| *text == "FOREIGN").count();
    let all = texts(&html, "body").concat().matches("FOREIGN").count();
    assert_eq!(isolated, all);
}

#[test]
fn what_is_hidden_is_shown() {
    let html = shown(&all_of("a\u{202e}b\u{7}c\nd\u{200b}\u{feff}", "a\u{0}"));
    let evidence = text(select(&html, "details li")[0]);
    assert_eq!(evidence, "aU+202EbU+0007cU+000AdU+200BU+FEFF");
    let page = html.html();
    for character in ['\u{202e}', '\u{7}', '\u{200b}', '\u{feff}', '\u{0}'] {
        assert!(!page.contains(character), "{character:?}");
    }
}

/// The letters of other scripts are left as they are.
#[test]
fn letters_are_letters() {
    let html = shown(&all_of("größe 世界 שלום é", "x"));
    assert_eq!(text(select(&html, "details li")[0]), "größe 世界 שלום é");
}

#[test]
fn long_text_is_cut_visibly() {
    let long = "é".repeat(1 << 20);
    let page = page(&all_of(&long, "x"), SHA256, now());
    assert!(page.len() < 200_000, "{}", page.len());
    let html = Html::parse_document(&page);
    let evidence = text(select(&html, "details li")[0]);
    let end = "… 1046576 more characters are left out; the JSON has them";
    assert_eq!(evidence, format!("{}{end}", "é".repeat(2_000)));
    assert!(texts(&html, "h1").concat().contains("… 1048276 more characters"));
    assert!(texts(&html, "title").concat().ends_with('…'));
    let exact = shown(&all_of(&"x".repeat(300), "x"));
    assert!(!texts(&exact, "h1").concat().contains("left out"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever the text is, the page has the elements that it has for a harmless one.
    #[test]
    fn no_text_becomes_markup(text in "(\\PC|[<>&\"'/=!\\- \u{0}-\u{1f}\u{202a}-\u{202e}]|</?[a-z]{1,8}( on[a-z]{3}=)?>?){1,80}", fixed in prop::sample::select(&TEXTS[..])) {
        let page = page(&all_of(&text, fixed), SHA256, now());
        let html = Html::parse_document(&page);
        prop_assert!(html.errors.is_empty(), "{:?}", html.errors);
        prop_assert!(skeleton(&html) == skeleton(&shown(&all_of("x", "x"))), "the elements differ");
    }

    /// A mark after each `<` of the text: if one got through, the page would hold it.
    #[test]
    fn no_bracket_is_left_unescaped(text in "(\\PC|<){0,60}") {
        let page = page(&all_of(&text.replace('<', "<\u{2603}"), "<\u{2603}"), SHA256, now());
        prop_assert!(!page.contains("<\u{2603}"), "a bracket got through");
    }
}
