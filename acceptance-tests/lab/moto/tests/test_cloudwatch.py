"""Alarms and their tags, in the protocol of new SDKs.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

import urllib.error
import urllib.request
from uuid import uuid4

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

MODEL = ServiceModel(Loader().load_service_model("cloudwatch", "service-2"))
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/monitoring/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


@pytest.fixture
def call(endpoint):
    def call(operation, **arguments):
        model = MODEL.operation_model(operation)
        request = RpcV2CBORSerializer().serialize_to_request(arguments, model)
        asked = urllib.request.Request(
            endpoint + request["url_path"],
            data=bytes(request["body"]),
            headers={**request["headers"], "Authorization": AUTHORIZATION},
        )
        try:
            answered = urllib.request.urlopen(asked, timeout=10)
        except urllib.error.HTTPError as error:
            answered = error
        headers = {name.lower(): value for name, value in answered.headers.items()}
        assert headers["smithy-protocol"] == "rpc-v2-cbor"
        answer = {"status_code": answered.status, "headers": headers, "body": answered.read()}
        return RpcV2CBORParser().parse(answer, model.output_shape)

    return call


@pytest.fixture
def alarm():
    return {
        "AlarmName": f"alarm-{uuid4().hex}",
        "Namespace": "AWS/CertificateManager",
        "MetricName": "DaysToExpiry",
        "Dimensions": [{"Name": "CertificateArn", "Value": "arn:aws:acm:1"}],
        "Statistic": "Minimum",
        "Period": 86400,
        "EvaluationPeriods": 1,
        "Threshold": 14.0,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
        "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 1440},
        "AlarmActions": ["arn:aws:sns:eu-central-1:123456789012:a"],
    }


def described(call, alarm):
    return call("DescribeAlarms", AlarmNames=[alarm["AlarmName"]])["MetricAlarms"]


def tags(call, arn):
    answer = call("ListTagsForResource", ResourceARN=arn)
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_an_alarm_is_as_it_was_put(call, alarm):
    call("PutMetricAlarm", **alarm)
    [found] = described(call, alarm)
    assert {name: found[name] for name in alarm} == alarm


def test_only_the_create_writes_tags_and_they_go_with_the_alarm(call, alarm):
    call("PutMetricAlarm", **alarm, Tags=[{"Key": "a", "Value": "1"}])
    call("PutMetricAlarm", **alarm, Tags=[{"Key": "b", "Value": "2"}])
    [found] = described(call, alarm)
    arn = found["AlarmArn"]
    assert tags(call, arn) == {"a": "1"}
    call("TagResource", ResourceARN=arn, Tags=[{"Key": "c", "Value": "3"}])
    call("UntagResource", ResourceARN=arn, TagKeys=["a", "none"])
    assert tags(call, arn) == {"c": "3"}
    call("DeleteAlarms", AlarmNames=[alarm["AlarmName"]])
    call("PutMetricAlarm", **alarm)
    assert tags(call, arn) == {}


def test_an_alarm_that_is_not_there_is_an_error(call, alarm):
    assert described(call, alarm) == []
    error = call("DeleteAlarms", AlarmNames=[alarm["AlarmName"]])["Error"]
    assert error["QueryErrorCode"] == "ResourceNotFound"
    arn = f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{alarm['AlarmName']}"
    for operation, more in [
        ("ListTagsForResource", {}),
        ("TagResource", {"Tags": [{"Key": "a", "Value": "1"}]}),
        ("UntagResource", {"TagKeys": ["a"]}),
    ]:
        error = call(operation, ResourceARN=arn, **more)["Error"]
        assert error["Code"].endswith("ResourceNotFoundException"), operation
