"""One server for all tests; each test makes CAs, domains and zones of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from hosted_zone import Dns
from private_ca import PrivateCa
from public_certificate import Certificates

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("server") / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "e2etls_moto.server", "-p", str(port), "-H", "127.0.0.1"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "E2ETLS_PCA_CREATING_SECONDS": "0.1",
            "E2ETLS_PCA_ISSUING_SECONDS": "0.1",
            "E2ETLS_ACM_RECORDS_SECONDS": "0.3",
            "E2ETLS_ACM_ISSUING_SECONDS": "0.1",
            "E2ETLS_ROUTE53_INSYNC_SECONDS": "0.3",
        },
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5)
            break
        except OSError:
            assert process.poll() is None, Path(log.name).read_text()
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def connect(endpoint):
    def client(service="acm-pca", region="eu-central-1"):
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="lab",
            aws_secret_access_key="lab",
            # The server is asked, not boto3, what a valid request is.
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        )

    return client


@pytest.fixture(scope="session")
def pca(endpoint, connect):
    return PrivateCa(endpoint, connect())


@pytest.fixture(scope="session")
def acm(endpoint, connect):
    return Certificates(endpoint, connect("acm"))


@pytest.fixture(scope="session")
def dns(connect):
    return Dns(connect("route53"))


@pytest.fixture(scope="session")
def root(pca):
    """An ACTIVE general-purpose root of ten years, which tests only issue from."""
    return pca.root()
