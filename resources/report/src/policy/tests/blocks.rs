//! Blocks by themselves, and their union.

use k8s_openapi::api::networking::v1::IPBlock;
use proptest::prelude::*;

use super::super::{Block, is_every_address};
use super::address;

/// A CIDR, and what is excepted.
type Written = (&'static str, &'static [&'static str]);

fn block(cidr: &str, except: &[&str]) -> Block {
    Block::new(&IPBlock {
        cidr: cidr.to_owned(),
        except: Some(except.iter().map(|text| (*text).to_owned()).collect()),
    })
}

#[test]
fn every_address() {
    let rows: &[(&str, &[Written], bool)] = &[
        ("none", &[], false),
        ("all of IPv4", &[("0.0.0.0/0", &[])], true),
        ("all of IPv6", &[("::/0", &[])], true),
        ("with bits of a host", &[("10.1.2.3/0", &[])], true),
        ("all of IPv4 as IPv6", &[("::ffff:0.0.0.0/96", &[])], true),
        ("a half", &[("0.0.0.0/1", &[])], false),
        ("two halves", &[("0.0.0.0/1", &[]), ("128.0.0.0/1", &[])], true),
        (
            "two halves, the upper first",
            &[("128.0.0.0/1", &[]), ("0.0.0.0/1", &[])],
            true,
        ),
        ("the lower half twice", &[("0.0.0.0/1", &[]), ("0.0.0.0/1", &[])], false),
        ("halves of IPv6", &[("::/1", &[]), ("8000::/1", &[])], true),
        (
            "halves of different families",
            &[("0.0.0.0/1", &[]), ("8000::/1", &[])],
            false,
        ),
        ("but for one", &[("0.0.0.0/0", &["192.0.2.1/32"])], false),
        ("but for the first", &[("0.0.0.0/0", &["0.0.0.0/32"])], false),
        (
            "but for the last",
            &[("::/0", &["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"])],
            false,
        ),
        (
            "what one excepts, another holds",
            &[("0.0.0.0/0", &["10.0.0.0/8"]), ("10.0.0.0/8", &[])],
            true,
        ),
        (
            "and excepts a part",
            &[("0.0.0.0/0", &["10.0.0.0/8"]), ("10.0.0.0/8", &["10.1.0.0/16"])],
            false,
        ),
        (
            "both except the same",
            &[("0.0.0.0/0", &["10.0.0.0/8"]), ("0.0.0.0/0", &["10.1.0.0/16"])],
            false,
        ),
        (
            "they except different ones",
            &[("0.0.0.0/0", &["10.0.0.0/8"]), ("0.0.0.0/0", &["11.0.0.0/8"])],
            true,
        ),
        (
            "exceptions overlap",
            &[("0.0.0.0/0", &["0.0.0.0/1", "10.0.0.0/8", "128.0.0.0/1"])],
            false,
        ),
        (
            "an exception within an exception",
            &[
                ("0.0.0.0/0", &["0.0.0.0/1", "10.0.0.0/8"]),
                ("0.0.0.0/5", &[]),
                ("8.0.0.0/7", &[]),
                ("10.0.0.0/8", &[]),
            ],
            false,
        ),
        ("an exception of the other family", &[("0.0.0.0/0", &["::/0"])], true),
        ("everything is excepted", &[("0.0.0.0/0", &["0.0.0.0/0"])], false),
        ("malformed", &[("0.0.0.0", &[])], false),
    ];
    for (row, blocks, expected) in rows {
        let blocks: Vec<Block> = blocks.iter().map(|(cidr, except)| block(cidr, except)).collect();
        assert_eq!(is_every_address(&blocks), *expected, "{row}");
        if let [one] = &blocks[..] {
            assert_eq!(one.is_every_address(), *expected, "{row}");
        }
    }
}

#[test]
fn a_block_shows_itself() {
    assert_eq!(
        block("10.1.2.3/8", &["10.1.0.0/16", "x", "10.2.0.0/16"]).to_string(),
        "10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16"
    );
    assert_eq!(block("x", &[]).to_string(), "a malformed CIDR");
    assert!(block("x", &[]).cidr().is_none());
    assert_eq!(block("10.0.0.0/8", &["10.1.0.0/16"]).except().len(), 1);
}

/// A CIDR of the first three bits of an address, and an address for each of the eight places that they tell apart.
fn cidr(v6: bool, bits: u8, length: u8) -> String {
    let first = u32::from(bits) << 5;
    if v6 {
        format!("{:x}::/{length}", first << 8)
    } else {
        format!("{first}.0.0.0/{length}")
    }
}

proptest! {
    /// The union is every address exactly when each of the smallest places is held by some block.
    #[test]
    fn a_union_is_what_its_blocks_hold(
        drawn in prop::collection::vec((any::<bool>(), 0..8u8, 0..=3u8, prop::collection::vec((0..8u8, 0..=3u8), 0..3)), 0..6),
    ) {
        let blocks: Vec<Block> = drawn.iter().map(|(v6, bits, length, except)| {
            let except: Vec<String> = except.iter().map(|(bits, length)| cidr(*v6, *bits, *length)).collect();
            let except: Vec<&str> = except.iter().map(String::as_str).collect();
            block(&cidr(*v6, *bits, *length), &except)
        }).collect();
        let whole = |v6: bool| (0..8u8).all(|bits| {
            let text = cidr(v6, bits, 3);
            let place = address(text.split('/').next().unwrap());
            blocks.iter().any(|block| block.holds(place))
        });
        prop_assert_eq!(is_every_address(&blocks), whole(false) || whole(true));
    }
}
