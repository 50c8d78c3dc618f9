//! Structure: valid, self-contained, and usable by ear and keyboard.

use std::collections::{BTreeMap, BTreeSet};

use scraper::Html;

use super::{SHA256, all_of, broken, document, good, many, now, select, shown, texts};
use crate::document::Document;
use crate::page::page;

fn samples() -> [Document; 5] {
    [
        good(),
        broken(),
        many(20),
        document(Vec::new()),
        all_of("<b>\u{202e}", "\"'>"),
    ]
}

#[test]
fn a_parser_of_html_has_nothing_to_correct() {
    for document in samples() {
        let page = page(&document, SHA256, now());
        let html = Html::parse_document(&page);
        assert_eq!(html.errors, [""; 0]);
        assert!(page.starts_with("<!DOCTYPE html>"));
    }
}

/// A parser would open and close what is missing; a browser may do it elsewhere than meant.
#[test]
fn what_is_opened_is_closed() {
    const VOID: [&str; 1] = ["meta"];
    for document in samples() {
        let page = page(&document, SHA256, now());
        let mut open: Vec<&str> = Vec::new();
        for tag in page.split('<').skip(2).filter_map(|rest| rest.split_once('>')) {
            let name = tag.0.split(' ').next().unwrap_or_default();
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None if VOID.contains(&name) => {}
                None => open.push(name),
            }
        }
        assert_eq!(open, [""; 0]);
    }
}

#[test]
fn nothing_runs_and_nothing_is_fetched() {
    for document in samples() {
        let html = shown(&document);
        for selector in [
            "script",
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "form",
            "base",
            "[style]",
            "[src]",
            "a[target]",
        ] {
            assert_eq!(select(&html, selector).len(), 0, "{selector}");
        }
        for element in select(&html, "*") {
            for (name, value) in element.value().attrs() {
                assert!(!name.starts_with("on"), "{name}");
                assert!(name != "href" || value.starts_with('#'), "{value}");
            }
        }
        let policy = select(&html, "meta[http-equiv='Content-Security-Policy']");
        assert!(
            policy[0]
                .attr("content")
                .is_some_and(|content| content.starts_with("default-src 'none'"))
        );
    }
    let style = crate::page::STYLE;
    for word in ["url(", "@import", "</", "http", "expression"] {
        assert!(!style.contains(word), "{word}");
    }
}

#[test]
fn one_title_and_headings_in_order() {
    for document in samples() {
        let html = shown(&document);
        let levels: Vec<u32> = select(&html, "h1, h2, h3, h4, h5, h6")
            .iter()
            .filter_map(|heading| heading.value().name()[1..].parse().ok())
            .collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert_eq!(levels[0], 1);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
        assert_eq!(select(&html, "title").len(), 1);
    }
}

#[test]
fn landmarks_language_and_a_skip_link() {
    let html = shown(&broken());
    assert_eq!(select(&html, "html[lang=en]").len(), 1);
    for landmark in ["header", "main#main", "footer"] {
        assert_eq!(select(&html, landmark).len(), 1, "{landmark}");
    }
    let first = select(&html, "body a")[0];
    assert_eq!(first.attr("href"), Some("#main"));
    for element in select(&html, "nav, main section, article") {
        let is_named = element.attr("aria-label").is_some() || element.attr("aria-labelledby").is_some();
        assert!(is_named, "{}", element.html());
    }
    let style = crate::page::STYLE;
    for needed in [
        ":focus-visible",
        ".skip:focus",
        "@media print",
        "break-inside: avoid",
        "::details-content",
    ] {
        assert!(style.contains(needed), "{needed}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for document in samples() {
        let html = shown(&document);
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        for id in select(&html, "[id]").iter().filter_map(|element| element.attr("id")) {
            *ids.entry(id).or_default() += 1;
        }
        assert!(ids.values().all(|count| *count == 1), "{ids:?}");
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        for element in select(&html, "[href], [aria-labelledby]") {
            wanted.extend(element.attr("href").and_then(|href| href.strip_prefix('#')));
            wanted.extend(element.attr("aria-labelledby"));
        }
        assert!(wanted.iter().all(|id| ids.contains_key(id)), "{wanted:?}");
    }
}

#[test]
fn tables_have_headers_with_scope_and_captions() {
    let html = shown(&broken());
    assert!(
        select(&html, "th")
            .iter()
            .all(|th| matches!(th.attr("scope"), Some("row" | "col")))
    );
    let tables = select(&html, "table").len();
    assert_eq!(texts(&html, "table > caption:first-child").len(), tables);
    assert_eq!(
        select(&html, "tbody tr > th:first-child").len(),
        select(&html, "tbody tr").len()
    );
}
