"""An S3 server of our own on loopback, as long as a test needs it (moto, a real HTTP server)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

KEY, SECRET = "AKIAGRAFTWORKTESTS", "a secret key of the tests, planted"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """`client` is boto's own: what it sees is what others see."""

    endpoint_url: str
    bucket: str
    client: Any

    def put(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=name, Body=content)

    def get(self, name: str) -> bytes:
        found: bytes = self.client.get_object(Bucket=self.bucket, Key=name)["Body"].read()
        return found

    def names(self) -> list[str]:
        return sorted(found["Key"] for found in self.client.list_objects_v2(Bucket=self.bucket).get("Contents", []))


@contextmanager
def object_store(bucket: str = "inbox") -> Iterator[ObjectStore]:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )
    try:
        client.create_bucket(Bucket=bucket)
        yield ObjectStore(url, bucket, client)
    finally:
        client.close()
        server.stop()
