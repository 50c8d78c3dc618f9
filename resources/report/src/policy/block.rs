//! Blocks of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};
use k8s_openapi::api::networking::v1::IPBlock;

/// An `ipBlock`.
///
/// IPv4 addresses that are written as IPv6 (`::ffff:10.0.0.1`) are taken for IPv4, as the network stacks do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    cidr: Option<IpNet>,
    except: Vec<IpNet>,
}

/// Addresses as numbers, first and last.
type Range = (u128, u128);

impl Block {
    /// What is no CIDR holds nobody, and excepts nobody: nothing could be written into a table of addresses for it.
    pub(super) fn new(block: &IPBlock) -> Self {
        Self {
            cidr: parse(&block.cidr),
            except: block.except.iter().flatten().filter_map(|text| parse(text)).collect(),
        }
    }

    /// Its CIDR, without the bits of a host; `None` if it is malformed.
    #[must_use]
    pub fn cidr(&self) -> Option<IpNet> {
        self.cidr
    }

    /// What is taken out of it, without what is malformed.
    #[must_use]
    pub fn except(&self) -> &[IpNet] {
        &self.except
    }

    /// Whether this address is in the block, and not excepted.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_in = |cidr: &IpNet| cidr.contains(&address);
        self.cidr.as_ref().is_some_and(is_in) && !self.except.iter().any(is_in)
    }

    /// Whether it holds every address of IPv4, or every address of IPv6.
    #[must_use]
    pub fn is_every_address(&self) -> bool {
        is_every_address([self])
    }

    /// What it holds, if that is of the family of `whole`.
    fn ranges(&self, whole: IpNet) -> Vec<Range> {
        let is_same = |cidr: &&IpNet| cidr.addr().is_ipv4() == whole.addr().is_ipv4();
        let Some((first, last)) = self.cidr.as_ref().filter(is_same).map(range) else {
            return Vec::new();
        };
        let mut gaps: Vec<Range> = self.except.iter().filter(is_same).map(range).collect();
        gaps.sort_unstable();
        let (mut held, mut next) = (Vec::new(), Some(first));
        for gap in gaps.into_iter().filter(|gap| gap.1 >= first && gap.0 <= last) {
            let Some(start) = next else { break };
            if let Some(end) = gap.0.checked_sub(1).filter(|end| *end >= start) {
                held.push((start, end));
            }
            next = gap.1.checked_add(1).map(|after| after.max(start));
        }
        held.extend(next.filter(|start| *start <= last).map(|start| (start, last)));
        held
    }
}

/// Whether these blocks together hold every address of IPv4, or every address of IPv6.
///
/// Time grows as `n log n` with the number of blocks and exceptions.
#[must_use]
pub fn is_every_address<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> bool {
    let blocks: Vec<&Block> = blocks.into_iter().collect();
    let nowhere = [IpAddr::from(Ipv4Addr::UNSPECIFIED), IpAddr::from(Ipv6Addr::UNSPECIFIED)];
    let whole = nowhere.iter().filter_map(|address| IpNet::new(*address, 0).ok());
    whole.into_iter().any(|whole| covers(&blocks, whole))
}

fn covers(blocks: &[&Block], whole: IpNet) -> bool {
    let mut held: Vec<Range> = blocks.iter().flat_map(|block| block.ranges(whole)).collect();
    held.sort_unstable();
    let (mut missing, last) = range(&whole);
    for (start, end) in held {
        if start > missing {
            return false;
        }
        if end >= last {
            return true;
        }
        missing = missing.max(end + 1);
    }
    false
}

fn range(cidr: &IpNet) -> Range {
    match cidr {
        IpNet::V4(cidr) => (u32::from(cidr.network()).into(), u32::from(cidr.broadcast()).into()),
        IpNet::V6(cidr) => (cidr.network().into(), cidr.broadcast().into()),
    }
}

/// A CIDR as the API server takes it: bits of a host are legal, and so are leading zeros, which are decimal.
fn parse(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let cidr = IpNet::new(without_zeros(address).parse().ok()?, length.parse().ok()?).ok()?;
    Some(unmapped(cidr).trunc())
}

/// The octets of an IPv4 address, also at the end of an IPv6 address, without leading zeros.
fn without_zeros(address: &str) -> String {
    let (head, tail) = address.split_at(address.rfind(':').map_or(0, |colon| colon + 1));
    if !tail.contains('.') {
        return address.to_owned();
    }
    let octet = |octet: &str| match octet.trim_start_matches('0') {
        "" if !octet.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    format!("{head}{}", tail.split('.').map(octet).collect::<Vec<_>>().join("."))
}

/// IPv4 for what is IPv4 written as IPv6.
fn unmapped(cidr: IpNet) -> IpNet {
    let IpNet::V6(mapped) = cidr else { return cidr };
    let address = mapped.addr().to_ipv4_mapped();
    let length = mapped.prefix_len().checked_sub(96);
    let found = address
        .zip(length)
        .and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    found.map_or(cidr, IpNet::V4)
}

/// `10.0.0.0/8 except 10.1.0.0/16`.
impl fmt::Display for Block {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cidr {
            Some(cidr) => write!(out, "{cidr}")?,
            None => out.write_str("a malformed CIDR")?,
        }
        for (index, cidr) in self.except.iter().enumerate() {
            let word = if index == 0 { " except" } else { "," };
            write!(out, "{word} {cidr}")?;
        }
        Ok(())
    }
}
