"""DescribeAddonVersions.

https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html
"""


def test_versions_of_one_addon(connect):
    (found,) = connect().describe_addon_versions(
        addonName="cert-manager", kubernetesVersion="1.36"
    )["addons"]
    assert found["defaultNamespace"] == "cert-manager"
    versions = found["addonVersions"]
    assert [version["addonVersion"] for version in versions] == [
        "v1.20.3-eksbuild.1",
        "v1.19.1-eksbuild.1",
        "v1.18.2-eksbuild.2",
    ]
    places = [place for version in versions for place in version["compatibilities"]]
    assert {place["clusterVersion"] for place in places} == {"1.36"}
    assert [place["defaultVersion"] for place in places] == [True, False, False]


def test_filters(connect):
    def names(**asked):
        found = connect().describe_addon_versions(**asked)["addons"]
        return [addon["addonName"] for addon in found]

    everything = names()
    assert len(everything) == 4 and everything == sorted(everything)
    assert names(kubernetesVersion="1.20") == names(addonName="nothing") == []
    assert names(owners=["community"]) == ["cert-manager"]
    assert names(types=["networking"]) == ["vpc-cni"]
    assert names(owners=["community", "aws"], publishers=["aws"]) == [
        "aws-privateca-connector-for-kubernetes"
    ]


def test_pages(connect):
    pages = (
        connect()
        .get_paginator("describe_addon_versions")
        .paginate(PaginationConfig={"PageSize": 3})
    )
    assert [len(page["addons"]) for page in pages] == [3, 1]
