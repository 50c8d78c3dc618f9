//! The network that load balancers stand in: a VPC and two subnets with the tags that the controller looks for.

use aws_credential_types::Credentials;
use http::{Request, header};
use http_body_util::Full;

use super::cidrs;
use crate::lab::http::JsonClient;
use crate::lab::{ACCESS_KEY, Context as _, Error, REGION, Result, SECRET_KEY};

/// Calls of EC2, without the SDK for it.
#[derive(Clone, Debug)]
pub(crate) struct Vpc {
    client: JsonClient,
    octet: u8,
}

/// Names and values of a call.
pub(super) type Parameters = Vec<(String, String)>;

/// A kind of objects that have ids and names.
pub(super) struct Named {
    prefix: &'static str,
    describe: &'static str,
    element: &'static str,
    words: &'static str,
}

/// Subnets.
pub(super) const SUBNETS: Named = Named {
    prefix: "subnet-",
    describe: "DescribeSubnets",
    element: "subnetId",
    words: "subnets",
};

/// Security groups.
pub(super) const SECURITY_GROUPS: Named = Named {
    prefix: "sg-",
    describe: "DescribeSecurityGroups",
    element: "groupId",
    words: "security groups",
};

/// The ids of a VPC and its subnets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) id: String,
    pub(crate) subnets: Vec<String>,
}

/// Marks the subnets.
const TAGS: [(&str, &str); 3] = [
    ("kubernetes.io/cluster/lab", "shared"),
    ("kubernetes.io/role/elb", "1"),
    ("kubernetes.io/role/internal-elb", "1"),
];

impl Vpc {
    /// The network 10.`octet`.0.0/16, of moto at this URL.
    pub(crate) fn new(moto: &str, octet: u8) -> Self {
        Self {
            client: JsonClient::new(moto),
            octet,
        }
    }

    /// The subnets, created if they aren't there: a test may have cleared AWS.
    pub(crate) async fn ensure(&self) -> Result<Ids> {
        let found = self.find().await?;
        match found {
            Some(ids) => Ok(ids),
            None => self.create().await,
        }
    }

    /// The ids of objects that annotations name by id or by their tag `Name`.
    pub(super) async fn ids(&self, names: &[String], kind: &Named) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for name in names {
            if name.starts_with(kind.prefix) {
                ids.push(name.clone());
                continue;
            }
            let filter = [
                ("Filter.1.Name", "tag:Name".to_owned()),
                ("Filter.1.Value.1", name.clone()),
            ];
            let answer = self.call(kind.describe, &filter).await?;
            let id = elements(&answer, kind.element).into_iter().next();
            ids.push(id.context(format!("couldn't find all {}, want: {names:?}", kind.words))?);
        }
        Ok(ids)
    }

    /// Access to moto.
    pub(super) fn client(&self) -> &JsonClient {
        &self.client
    }

    async fn find(&self) -> Result<Option<Ids>> {
        let (name, value) = TAGS[0];
        let filter = [
            ("Filter.1.Name", format!("tag:{name}")),
            ("Filter.1.Value.1", value.to_owned()),
        ];
        let answer = self.call("DescribeSubnets", &filter).await?;
        let subnets = elements(&answer, "subnetId");
        let ids = elements(&answer, "vpcId").into_iter().next();
        Ok(ids.map(|id| Ids { id, subnets }))
    }

    async fn create(&self) -> Result<Ids> {
        let cidr = format!("10.{}.0.0/16", self.octet);
        let answer = self.call("CreateVpc", &[("CidrBlock", cidr)]).await?;
        let id = elements(&answer, "vpcId").into_iter().next().context("CreateVpc")?;
        let mut subnets = Vec::new();
        for (cidr, zone) in cidrs(self.octet).into_iter().zip(["a", "b"]) {
            let mut wanted: Parameters = vec![
                ("VpcId".to_owned(), id.clone()),
                ("CidrBlock".to_owned(), cidr),
                ("AvailabilityZone".to_owned(), format!("{REGION}{zone}")),
            ];
            wanted.extend(tagged("subnet", TAGS));
            let answer = self.call("CreateSubnet", &wanted).await?;
            subnets.extend(elements(&answer, "subnetId").into_iter().next());
        }
        Ok(Ids { id, subnets })
    }

    /// One call of EC2.
    pub(super) async fn call<K: AsRef<str>>(&self, action: &str, parameters: &[(K, String)]) -> Result<String> {
        let mut body = format!("Action={action}&Version=2016-11-15");
        for (name, value) in parameters {
            body.push_str(&format!("&{}={}", name.as_ref(), encoded(value)));
        }
        let request = Request::post(self.client.base())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, scope("ec2"))
            .body(Full::new(body.into()))
            .context(action)?;
        let (status, text) = self.client.send(request).await?;
        let text = String::from_utf8_lossy(&text).into_owned();
        if status.is_success() {
            return Ok(text);
        }
        Err(Error::new(format!("{action} answered {status}: {text}")))
    }
}

/// The tags of a new object.
pub(super) fn tagged<'a>(kind: &str, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Parameters {
    let mut parameters = vec![("TagSpecification.1.ResourceType".to_owned(), kind.to_owned())];
    for (number, (name, value)) in (1..).zip(tags) {
        parameters.push((format!("TagSpecification.1.Tag.{number}.Key"), name.to_owned()));
        parameters.push((format!("TagSpecification.1.Tag.{number}.Value"), value.to_owned()));
    }
    parameters
}

/// moto reads the service and the Region from it, and checks no signature.
pub(super) fn scope(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// A value as forms spell it.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The texts of every XML element of this name.
pub(super) fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once(&close).map(|(text, _)| text.to_owned()))
        .collect()
}

/// The lab's own identity.
pub(crate) fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "lab")
}
