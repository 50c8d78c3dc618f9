//! Answers of EC2, as its API reference shows them, with the elements that we read in other forms too.

/// Two subnets of three: one with a second block, one whose second block is gone.
pub(super) const SUBNETS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</requestId>
  <subnetSet>
    <item>
      <subnetId>subnet-0a1</subnetId>
      <subnetArn>arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-0a1</subnetArn>
      <state>available</state>
      <ownerId>111122223333</ownerId>
      <vpcId>vpc-1</vpcId>
      <ipv6CidrBlockAssociationSet>
        <item>
          <ipv6CidrBlock>2001:db8:1234:1a00::/64</ipv6CidrBlock>
          <associationId>subnet-cidr-assoc-0a1</associationId>
          <ipv6CidrBlockState>
            <state>associated</state>
          </ipv6CidrBlockState>
        </item>
      </ipv6CidrBlockAssociationSet>
      <cidrBlock>10.9.0.0/24</cidrBlock>
      <availableIpAddressCount>251</availableIpAddressCount>
      <availabilityZone>eu-central-1a</availabilityZone>
      <defaultForAz>false</defaultForAz>
      <tagSet>
        <item>
          <key>subnetId</key>
          <value>subnet-9</value>
        </item>
      </tagSet>
    </item>
    <item>
      <subnetId>subnet-0b2</subnetId>
      <state>available</state>
      <ownerId>111122223333</ownerId>
      <vpcId>vpc-1</vpcId>
      <cidrBlock>10.9.1.0/24</cidrBlock>
      <ipv6CidrBlockAssociationSet>
        <item>
          <ipv6CidrBlock>2001:db8:1234:1b00::/64</ipv6CidrBlock>
          <associationId>subnet-cidr-assoc-0b2</associationId>
          <ipv6CidrBlockState>
            <state>disassociated</state>
          </ipv6CidrBlockState>
        </item>
      </ipv6CidrBlockAssociationSet>
    </item>
  </subnetSet>
  <nextToken>eyJ2IjoiMiJ9</nextToken>
</DescribeSubnetsResponse>"#;

/// The last of three subnets, which has IPv6 only.
pub(super) const MORE_SUBNETS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</requestId>
  <subnetSet>
    <item>
      <subnetId>subnet-0c3</subnetId>
      <state>available</state>
      <ownerId>111122223333</ownerId>
      <vpcId>vpc-1</vpcId>
      <ipv6Native>true</ipv6Native>
      <ipv6CidrBlockAssociationSet>
        <item>
          <ipv6CidrBlock>2001:db8:1234:1c00::/64</ipv6CidrBlock>
          <ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState>
        </item>
      </ipv6CidrBlockAssociationSet>
    </item>
  </subnetSet>
</DescribeSubnetsResponse>"#;

/// Two interfaces of three: one of a load balancer, one of a node with prefixes for Pods.
pub(super) const INTERFACES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>fc45294c-006b-457b-bab9-012f5b3b0e40</requestId>
  <networkInterfaceSet>
    <item>
      <networkInterfaceId>eni-0a1</networkInterfaceId>
      <subnetId>subnet-0a1</subnetId>
      <vpcId>vpc-1</vpcId>
      <availabilityZone>eu-central-1a</availabilityZone>
      <description>ELB app/k8s-shop-web-0a1b2c3d4e/0123456789abcdef</description>
      <ownerId>111122223333</ownerId>
      <requesterId>amazon-elb</requesterId>
      <requesterManaged>true</requesterManaged>
      <status>in-use</status>
      <privateIpAddress>10.9.0.17</privateIpAddress>
      <groupSet>
        <item>
          <groupId>sg-1</groupId>
          <groupName>web</groupName>
        </item>
      </groupSet>
      <attachment>
        <attachmentId>ela-attach-0a1</attachmentId>
        <instanceOwnerId>amazon-elb</instanceOwnerId>
        <status>attached</status>
      </attachment>
      <tagSet/>
      <privateIpAddressesSet>
        <item>
          <privateIpAddress>10.9.0.17</privateIpAddress>
          <primary>true</primary>
          <association>
            <publicIp>203.0.113.17</publicIp>
          </association>
        </item>
      </privateIpAddressesSet>
      <ipv6AddressesSet>
        <item>
          <ipv6Address>2001:db8:1234:1a00::11</ipv6Address>
          <isPrimaryIpv6>false</isPrimaryIpv6>
        </item>
      </ipv6AddressesSet>
      <interfaceType>interface</interfaceType>
    </item>
    <item>
      <networkInterfaceId>eni-0b2</networkInterfaceId>
      <subnetId>subnet-0b2</subnetId>
      <vpcId>vpc-1</vpcId>
      <description>aws-K8S-i-0a1 &amp; more</description>
      <ownerId>111122223333</ownerId>
      <requesterManaged>false</requesterManaged>
      <ipv6AddressesSet/>
      <ipv6PrefixSet>
        <item><ipv6Prefix>2001:db8:1234:1b00:1::/80</ipv6Prefix></item>
      </ipv6PrefixSet>
      <privateIpAddressesSet>
        <item><privateIpAddress>10.9.1.5</privateIpAddress><primary>true</primary></item>
        <item><privateIpAddress>10.9.1.6</privateIpAddress><primary>false</primary></item>
      </privateIpAddressesSet>
      <ipv4PrefixSet>
        <item><ipv4Prefix>10.9.1.16/28</ipv4Prefix></item>
      </ipv4PrefixSet>
      <interfaceType>interface</interfaceType>
    </item>
  </networkInterfaceSet>
  <nextToken>eyJ2IjoiMiJ9=</nextToken>
</DescribeNetworkInterfacesResponse>"#;

/// The last of three interfaces, which has no addresses.
pub(super) const MORE_INTERFACES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>fc45294c-006b-457b-bab9-012f5b3b0e40</requestId>
  <networkInterfaceSet>
    <item>
      <networkInterfaceId>eni-0c3</networkInterfaceId>
      <vpcId>vpc-1</vpcId>
      <description/>
      <interfaceType>efa-only</interfaceType>
    </item>
  </networkInterfaceSet>
</DescribeNetworkInterfacesResponse>"#;

pub(super) const UNAUTHORIZED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors><RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>"#;

pub(super) const LIMIT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>"#;
