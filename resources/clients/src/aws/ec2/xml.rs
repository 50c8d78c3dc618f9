//! From EC2's XML to our types.
//!
//! Sources: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html>, and for errors
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.

use std::fmt::Debug;

use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

use super::{Interface, Subnet};

/// A part of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// The token that asks for the next part; `None` in the last one.
    pub(super) next: Option<String>,
}

/// What the API lists.
pub(super) trait Listed: Debug + Send + Sync + Sized + 'static {
    /// The call that lists it.
    const ACTION: &'static str;
    /// What the call is told beside the VPC.
    const MORE: &'static [(&'static str, &'static str)];
    /// The element of the answer that has the items.
    const SET: &'static str;

    /// Reads an item.
    ///
    /// # Errors
    /// It lacks what every item has.
    fn read(item: Element<'_, '_>) -> Result<Self, XmlDecodeError>;
}

type Element<'inp, 'a> = ScopedDecoder<'inp, 'a>;

impl Listed for Subnet {
    const ACTION: &'static str = "DescribeSubnets";
    const MORE: &'static [(&'static str, &'static str)] = &[];
    const SET: &'static str = "subnetSet";

    fn read(item: Element<'_, '_>) -> Result<Self, XmlDecodeError> {
        let (mut id, mut owner, mut cidrs, mut wide) = (String::new(), String::new(), Vec::new(), Vec::new());
        each(item, |name, field| {
            match name {
                "subnetId" => id = text(field)?,
                "ownerId" => owner = text(field)?,
                "cidrBlock" => add(&mut cidrs, text(field)?),
                "ipv6CidrBlockAssociationSet" => items(field, |item| associated(item, &mut wide))?,
                _ => {}
            }
            Ok(())
        })?;
        cidrs.extend(wide);
        require(!id.is_empty(), "a subnet without `subnetId`")?;
        require(!owner.is_empty(), "a subnet without `ownerId`")?;
        require(!cidrs.is_empty(), "a subnet without addresses")?;
        Ok(Self { id, owner, cidrs })
    }
}

/// The block of an association of a subnet, if it is in force.
fn associated(item: Element<'_, '_>, cidrs: &mut Vec<String>) -> Result<(), XmlDecodeError> {
    let (mut cidr, mut state) = (String::new(), String::new());
    each(item, |name, field| {
        match name {
            "ipv6CidrBlock" => cidr = text(field)?,
            "ipv6CidrBlockState" => state = child(field, "state")?,
            _ => {}
        }
        Ok(())
    })?;
    require(!state.is_empty(), "a block of addresses without `state`")?;
    if state == "associated" {
        require(!cidr.is_empty(), "a block of addresses without `ipv6CidrBlock`")?;
        add(cidrs, cidr);
    }
    Ok(())
}

impl Listed for Interface {
    const ACTION: &'static str = "DescribeNetworkInterfaces";
    // An account can hide what services of AWS manage.
    const MORE: &'static [(&'static str, &'static str)] = &[("IncludeManagedResources", "true")];
    const SET: &'static str = "networkInterfaceSet";

    fn read(item: Element<'_, '_>) -> Result<Self, XmlDecodeError> {
        let mut found = Self::default();
        let (mut wide, mut wide_prefixes) = (Vec::new(), Vec::new());
        each(item, |name, field| {
            match name {
                "networkInterfaceId" => found.id = text(field)?,
                "description" => found.description = text(field)?,
                "requesterId" => found.requester = text(field)?,
                "interfaceType" => found.kind = text(field)?,
                "privateIpAddress" => add(&mut found.addresses, text(field)?),
                "privateIpAddressesSet" => texts(field, "privateIpAddress", &mut found.addresses)?,
                "ipv6AddressesSet" => texts(field, "ipv6Address", &mut wide)?,
                "ipv4PrefixSet" => texts(field, "ipv4Prefix", &mut found.prefixes)?,
                "ipv6PrefixSet" => texts(field, "ipv6Prefix", &mut wide_prefixes)?,
                _ => {}
            }
            Ok(())
        })?;
        found.addresses.extend(wide);
        found.prefixes.extend(wide_prefixes);
        require(!found.id.is_empty(), "a network interface without `networkInterfaceId`")?;
        require(!found.kind.is_empty(), "a network interface without `interfaceType`")?;
        Ok(found)
    }
}

/// Reads an answer.
///
/// # Errors
/// It is not the whole answer to this call.
pub(super) fn page<T: Listed>(body: &[u8]) -> Result<Page<T>, XmlDecodeError> {
    require_whole(body)?;
    let mut document = Document::try_from(body)?;
    let root = document.root_element()?;
    let is_answer = root.start_el().local().strip_suffix("Response") == Some(T::ACTION);
    require(is_answer, "it is not the answer to this call")?;
    let (mut found, mut next) = (None, None);
    each(root, |name, field| {
        if name == T::SET {
            let mut list = Vec::new();
            items(field, |item| {
                list.push(T::read(item)?);
                Ok(())
            })?;
            found = Some(list);
        } else if name == "nextToken" {
            next = Some(text(field)?).filter(|token| !token.is_empty());
        }
        Ok(())
    })?;
    let items = found.ok_or_else(|| XmlDecodeError::custom(format!("it has no `{}`", T::SET)))?;
    Ok(Page { items, next })
}

/// Reads an error; without a code if it is none of EC2's.
pub(super) fn error(body: &[u8]) -> ErrorMetadata {
    match code_and_message(body) {
        Ok((code, message)) if !code.is_empty() => ErrorMetadata::builder().code(code).message(message).build(),
        _ => ErrorMetadata::builder().build(),
    }
}

fn code_and_message(body: &[u8]) -> Result<(String, String), XmlDecodeError> {
    require_whole(body)?;
    let (mut code, mut message) = (String::new(), String::new());
    let mut read = |name: &str, field: Element<'_, '_>| {
        match name {
            "Code" => code = text(field)?,
            "Message" => message = text(field)?,
            _ => {}
        }
        Ok(())
    };
    let mut document = Document::try_from(body)?;
    each(document.root_element()?, |name, errors| match name {
        "Errors" => each(errors, |_, error| each(error, &mut read)),
        _ => Ok(()),
    })?;
    Ok((code, message))
}

/// The decoder takes an end before the end, and what is not XML, for the end.
fn require_whole(body: &[u8]) -> Result<(), XmlDecodeError> {
    let mut depth = None;
    for token in Document::try_from(body)? {
        depth = Some(token?.1);
    }
    require(depth == Some(0), "it is cut off")
}

fn require(holds: bool, otherwise: &'static str) -> Result<(), XmlDecodeError> {
    if holds {
        Ok(())
    } else {
        Err(XmlDecodeError::custom(otherwise))
    }
}

/// Reads the elements within one, by their names.
fn each(
    mut element: Element<'_, '_>,
    mut read: impl FnMut(&str, Element<'_, '_>) -> Result<(), XmlDecodeError>,
) -> Result<(), XmlDecodeError> {
    while let Some(field) = element.next_tag() {
        let name = field.start_el().local().to_owned();
        read(&name, field)?;
    }
    Ok(())
}

/// Reads the items of a list.
fn items(
    list: Element<'_, '_>,
    mut read: impl FnMut(Element<'_, '_>) -> Result<(), XmlDecodeError>,
) -> Result<(), XmlDecodeError> {
    each(list, |name, item| if name == "item" { read(item) } else { Ok(()) })
}

/// Adds a field of every item of a list.
fn texts(list: Element<'_, '_>, name: &str, to: &mut Vec<String>) -> Result<(), XmlDecodeError> {
    items(list, |item| {
        add(to, child(item, name)?);
        Ok(())
    })
}

/// The text of the element of this name within one; empty if there is none.
fn child(element: Element<'_, '_>, wanted: &str) -> Result<String, XmlDecodeError> {
    let mut found = String::new();
    each(element, |name, field| {
        if name == wanted {
            found = text(field)?;
        }
        Ok(())
    })?;
    Ok(found)
}

fn text(mut element: Element<'_, '_>) -> Result<String, XmlDecodeError> {
    Ok(try_data(&mut element)?.trim().to_owned())
}

/// Adds what is there, once.
fn add(to: &mut Vec<String>, value: String) {
    if !value.is_empty() && !to.contains(&value) {
        to.push(value);
    }
}
