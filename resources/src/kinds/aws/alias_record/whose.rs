//! The TXT record beside an alias record that says whose it is.

use std::collections::BTreeMap;

use e2etls_clients::aws::route53::RecordSet;
use e2etls_engine::marks::Marks;

use super::super::marks;

/// Seconds that our TXT records may be cached: nobody but us asks for them.
const TTL: i64 = 300;
/// Most bytes of one string in a TXT record.
const STRING: usize = 250;

/// The name of the TXT record that says whose the record `host` is.
pub(super) fn marker(host: &str) -> String {
    match host.strip_prefix("*.") {
        Some(rest) => format!("_e2etls-wildcard.{rest}"),
        None => format!("_e2etls.{host}"),
    }
}

/// Key of the number of a record.
const NUMBER: &str = "e2etls:record";

/// Marks and number as values of a TXT record: each `"e2etls:owner=…"`, in several strings where it is long.
fn values(marks: &Marks, number: &str) -> Vec<String> {
    let value = |(key, value): (String, String)| {
        let text = format!("{key}={value}");
        let characters: Vec<char> = text.chars().collect();
        let strings = characters.chunks(STRING / 4).map(|chunk| {
            let escaped = String::from_iter(chunk).replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{escaped}\"")
        });
        strings.collect::<Vec<_>>().join(" ")
    };
    let numbered = [(NUMBER.to_owned(), number.to_owned())];
    marks::tags(marks).into_iter().chain(numbered).map(value).collect()
}

pub(super) fn number(set: &RecordSet) -> Option<String> {
    pairs(set).remove(NUMBER)
}

pub(super) fn read(set: &RecordSet) -> Marks {
    marks::marks(&pairs(set))
}

fn pairs(set: &RecordSet) -> BTreeMap<String, String> {
    let text = |value: &String| {
        let strings = value.split("\" \"").collect::<String>();
        let plain = strings.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\");
        let (key, value) = plain.split_once('=')?;
        Some((key.to_owned(), value.to_owned()))
    };
    set.values.iter().filter_map(text).collect()
}

pub(super) fn txt(host: &str, marks: &Marks, number: &str) -> RecordSet {
    RecordSet {
        name: marker(host),
        record_type: "TXT".to_owned(),
        ttl: Some(TTL),
        values: values(marks, number),
        ..RecordSet::default()
    }
}
