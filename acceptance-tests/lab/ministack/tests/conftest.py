"""One server for all tests; each test has a cluster of its own."""

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
from cluster import Cluster

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 0.4


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("server")
    log = (home / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "e2etls_ministack.server"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": "123456789012",
            "MINISTACK_REGION": "eu-central-1",
            "DOCKER_HOST": "unix:///nonexistent",
            "HOME": str(home),
            "E2ETLS_EKS_ADDON_SECONDS": str(SECONDS),
        },
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=5)
            break
        except OSError:
            assert process.poll() is None, Path(log.name).read_text()
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def connect(endpoint):
    def client(service="eks", region="eu-central-1"):
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


@pytest.fixture
def lab(endpoint, connect):
    return Cluster(endpoint, connect(), SECONDS)
