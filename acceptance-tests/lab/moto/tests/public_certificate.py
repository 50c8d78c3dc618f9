"""The steps of a user of ACM."""

import json
import time
import urllib.request


class Certificates:
    """A client with the usual sequences of calls."""

    def __init__(self, endpoint, client, region="eu-central-1"):
        self.endpoint, self.client, self.region = endpoint, client, region

    def request(self, name, sans=(), **more):
        if sans:
            more["SubjectAlternativeNames"] = list(sans)
        more.setdefault("ValidationMethod", "DNS")
        return self.client.request_certificate(DomainName=name, **more)["CertificateArn"]

    def describe(self, arn):
        return self.client.describe_certificate(CertificateArn=arn)["Certificate"]

    def status(self, arn):
        return self.describe(arn)["Status"]

    def options(self, arn):
        return {each["DomainName"]: each for each in self.describe(arn)["DomainValidationOptions"]}

    def until(self, arn, status):
        deadline = time.time() + 20
        while self.status(arn) != status:
            assert time.time() < deadline, f"{arn} is {self.status(arn)}, not {status}"
            time.sleep(0.02)
        return arn

    def records(self, arn):
        """The validation records by domain name, once there are any."""
        deadline = time.time() + 20
        while not all("ResourceRecord" in each for each in self.options(arn).values()):
            assert time.time() < deadline
            time.sleep(0.02)
        return {name: each["ResourceRecord"] for name, each in self.options(arn).items()}

    def issued(self, name, **more):
        arn = self.request(name, **more)
        self.control(CertificateArn=arn, Action="issue")
        return arn

    def delete(self, arn):
        self.client.delete_certificate(CertificateArn=arn)
        return arn

    def listed(self, *key_types, **more):
        if key_types:
            more["Includes"] = {"keyTypes": list(key_types)}
        pages = self.client.get_paginator("list_certificates").paginate(**more)
        found = (each for page in pages for each in page["CertificateSummaryList"])
        return {each["CertificateArn"]: each for each in found}

    def control(self, **body):
        url = f"{self.endpoint}/moto-api/e2etls/acm"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
