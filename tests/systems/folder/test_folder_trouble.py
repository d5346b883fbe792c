"""Servers that are down, unknown or refuse us; and nothing of a secret in what is said."""

import socket
from dataclasses import replace

import pytest

from graftwork.systems.errors import ConnectorError, SecretMissing, TargetDenied, TargetDown
from graftwork.systems.folder.system import FolderSystem
from support.objectstore import SECRET
from support.systems import delivery


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def failing(place, **changes):
    """What a pull, a check and a push raise with settings changed so."""
    settings = {**place.settings, **changes}
    system = FolderSystem(replace(place, settings=settings).file(), place.around)
    raised = []
    for call in (lambda: system.pull(None, 1), system.check, lambda: system.push(delivery(origin={"path": "a.txt"}))):
        with pytest.raises(ConnectorError) as error:
            call()
        raised.append(error.value)
    system.close()
    return raised


def test_a_server_whose_key_is_not_known_is_refused(remote, sshd, tmp_path):
    (tmp_path / "nobody").write_text("")
    for known_hosts in (tmp_path / "nobody", sshd.foreign_hosts, tmp_path / "missing"):
        access = {**remote.settings["sftp"], "known_hosts": str(known_hosts)}
        for error in failing(remote, sftp=access):
            assert isinstance(error, TargetDenied), known_hosts


def test_a_wrong_password_is_denied_and_never_shown(remote, monkeypatch):
    monkeypatch.setenv("SFTP_PASSWORD", "planted-password-17")
    access = {"known_hosts": remote.settings["sftp"]["known_hosts"], "password": "env:SFTP_PASSWORD"}
    for error in failing(remote, sftp=access):
        assert isinstance(error, TargetDenied)
        assert "planted" not in f"{error}{error!r}{error.__cause__}"


def test_a_server_that_is_not_there_is_down(remote, sshd):
    url = remote.settings["url"].replace(str(sshd.port), str(free_port()))
    assert all(isinstance(error, TargetDown) for error in failing(remote, url=url))


def test_a_server_that_says_nothing_is_down_in_time(remote, sshd):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = remote.settings["url"].replace(str(sshd.port), str(silent.getsockname()[1]))
        errors = failing(remote, url=url, timeout_seconds=0.3)
    assert all(isinstance(error, TargetDown) for error in errors)


def test_a_lost_connection_is_opened_anew(remote):
    remote.put("one.txt", b"Text")
    system = remote.system()
    assert len(system.pull(None, 10).records) == 1
    system._store._client.get_transport().sock.shutdown(socket.SHUT_RDWR)
    with pytest.raises(TargetDown):
        system.check()
    assert system.check()
    system.close()


def test_a_store_that_is_not_there_is_down_and_a_wrong_bucket_too(bucket):
    access = {**bucket.settings["s3"], "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    assert all(isinstance(error, TargetDown) for error in failing(bucket, s3=access))
    assert all(isinstance(error, TargetDown) for error in failing(bucket, url="s3://no-such-bucket/x"))


def test_a_store_that_says_nothing_is_down_in_time(bucket):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        access = {**bucket.settings["s3"], "endpoint_url": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        errors = failing(bucket, s3=access, timeout_seconds=0.3)
    assert all(isinstance(error, TargetDown) for error in errors)
    assert not any(SECRET in f"{error}{error!r}{error.__cause__}" for error in errors)


def test_a_secret_that_is_missing_is_named_by_its_place(bucket, monkeypatch):
    monkeypatch.delenv("S3_SECRET")
    with pytest.raises(SecretMissing, match="env:S3_SECRET"):
        bucket.system()


def test_check_says_what_was_found_and_changes_nothing(place):
    place.put("one.txt", b"Text")
    place.put("two.bin", b"Text")
    system = place.system()
    assert system.check()[-1] == "1 documents match"
    assert place.names() == ["one.txt", "two.bin"]
    system.close()


def test_another_protocol_of_fsspec_is_used_by_its_options(tmp_path, local):
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe_file("/scans/one.txt", b"Text")
    system = FolderSystem(replace(local, settings={"url": "memory://scans"}).file(), local.around)
    (record,) = system.pull(None, 10).records
    assert record.row["text"] == "Text"
    assert not system.push(delivery(external_id=record.key, origin=record.origin)).already
    assert system.push(delivery(external_id=record.key, origin=record.origin)).already
    assert memory.exists("/scans/one.txt.graftwork.json")
