//! What EC2's XML says, and when it says nothing.

use super::super::xml::{Page, error, page};
use super::samples::{INTERFACES, MORE_INTERFACES, MORE_SUBNETS, SUBNETS, UNAUTHORIZED};
use super::{Interface, Subnet};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn subnet(id: &str, cidrs: &[&str]) -> Subnet {
    Subnet {
        id: id.to_owned(),
        owner: "111122223333".to_owned(),
        cidrs: texts(cidrs),
    }
}

#[test]
fn subnets_have_the_blocks_that_are_associated() {
    let first = Page {
        items: vec![
            subnet("subnet-0a1", &["10.9.0.0/24", "2001:db8:1234:1a00::/64"]),
            subnet("subnet-0b2", &["10.9.1.0/24"]),
        ],
        next: Some("eyJ2IjoiMiJ9".to_owned()),
    };
    assert_eq!(page(SUBNETS.as_bytes()).expect("a page"), first);
    let last = Page {
        items: vec![subnet("subnet-0c3", &["2001:db8:1234:1c00::/64"])],
        next: None,
    };
    assert_eq!(page(MORE_SUBNETS.as_bytes()).expect("a page"), last);
}

#[test]
fn interfaces_say_whose_they_are() {
    let first = Page {
        items: vec![
            Interface {
                id: "eni-0a1".to_owned(),
                description: "ELB app/k8s-shop-web-0a1b2c3d4e/0123456789abcdef".to_owned(),
                requester: "amazon-elb".to_owned(),
                kind: "interface".to_owned(),
                addresses: texts(&["10.9.0.17", "2001:db8:1234:1a00::11"]),
                prefixes: Vec::new(),
            },
            Interface {
                id: "eni-0b2".to_owned(),
                description: "aws-K8S-i-0a1 & more".to_owned(),
                kind: "interface".to_owned(),
                addresses: texts(&["10.9.1.5", "10.9.1.6"]),
                prefixes: texts(&["10.9.1.16/28", "2001:db8:1234:1b00:1::/80"]),
                ..Interface::default()
            },
        ],
        next: Some("eyJ2IjoiMiJ9=".to_owned()),
    };
    assert_eq!(page(INTERFACES.as_bytes()).expect("a page"), first);
    let last = Page {
        items: vec![Interface {
            id: "eni-0c3".to_owned(),
            kind: "efa-only".to_owned(),
            ..Interface::default()
        }],
        next: None,
    };
    assert_eq!(page(MORE_INTERFACES.as_bytes()).expect("a page"), last);
}

#[test]
fn a_vpc_may_be_empty() {
    for empty in [
        "<DescribeSubnetsResponse><subnetSet/></DescribeSubnetsResponse>",
        "<DescribeSubnetsResponse><subnetSet></subnetSet><nextToken/></DescribeSubnetsResponse>\n",
    ] {
        let found = page::<Subnet>(empty.as_bytes()).expect("a page");
        assert_eq!((found.items, found.next), (Vec::new(), None), "{empty}");
    }
}

/// An answer of subnets with this content of its item.
fn of_item(item: &str) -> String {
    format!(
        "<DescribeSubnetsResponse><subnetSet><item>{item}</item></subnetSet><requestId>1</requestId></DescribeSubnetsResponse>"
    )
}

#[test]
fn an_answer_that_lacks_something_is_none() {
    let whole = of_item("<subnetId>subnet-1</subnetId><ownerId>1</ownerId><cidrBlock>10.9.0.0/24</cidrBlock>");
    assert!(page::<Subnet>(whole.as_bytes()).is_ok());
    // Cut off anywhere.
    for end in 0..whole.len() {
        assert!(page::<Subnet>(&whole.as_bytes()[..end]).is_err(), "{}", &whole[..end]);
    }
    for broken in [
        of_item("<ownerId>1</ownerId><cidrBlock>10.9.0.0/24</cidrBlock>"),
        of_item("<subnetId>subnet-1</subnetId><cidrBlock>10.9.0.0/24</cidrBlock>"),
        of_item("<subnetId>subnet-1</subnetId><ownerId>1</ownerId>"),
        of_item("<subnetId/><ownerId>1</ownerId><cidrBlock>10.9.0.0/24</cidrBlock>"),
        of_item("<subnetId>subnet-1</subnetId><ownerId>1</ownerId><cidrBlock>10.9.0.0/24</cidrBlock><<tagSet/>"),
        of_item(
            "<subnetId>subnet-1</subnetId><ownerId>1</ownerId><cidrBlock>10.9.0.0/24</cidrBlock><ipv6CidrBlockAssociationSet><item/></ipv6CidrBlockAssociationSet>",
        ),
        "<DescribeSubnetsResponse><requestId>1</requestId></DescribeSubnetsResponse>".to_owned(),
        "<DescribeVpcsResponse><subnetSet/></DescribeVpcsResponse>".to_owned(),
        UNAUTHORIZED.to_owned(),
        "<html><body>Sign in</body></html>".to_owned(),
        "{}".to_owned(),
    ] {
        assert!(page::<Subnet>(broken.as_bytes()).is_err(), "{broken}");
    }
    assert!(page::<Subnet>(b"\xff\xfe").is_err());
    let unknown = INTERFACES.replace("<interfaceType>interface</interfaceType>", "");
    assert!(page::<Interface>(unknown.as_bytes()).is_err());
}

#[test]
fn an_error_has_code_and_message() {
    let found = error(UNAUTHORIZED.as_bytes());
    assert_eq!(found.code(), Some("UnauthorizedOperation"));
    assert_eq!(
        found.message(),
        Some("You are not authorized to perform this operation.")
    );
    for other in ["", "<html/>", "Bad Gateway", &UNAUTHORIZED[..120]] {
        assert_eq!(error(other.as_bytes()).code(), None, "{other}");
    }
}
