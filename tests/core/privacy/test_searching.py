"""What a use case asks for besides our own rules: other detectors, and a profile of its own."""

import os

import pytest
from pydantic import ValidationError

from graftwork.core.errors import DetectorFailed, DetectorUnavailable, ProfileInvalid, UseCaseInvalid
from graftwork.core.privacy.adapters.choice import DetectorChoice
from graftwork.core.privacy.adapters.opening import readers_for
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.searching import detector_by
from graftwork.core.usecase_file import load
from graftwork.core.usecase_tables import PrivacyRules
from support.detector import DetectorService

CASE = """\
name = "case"
title = "Case"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
url = "https://api.example.com/v1"
model = "m"
[privacy]
managed = "masked"
ner = false
"""
OURS = '[kinds]\nmail = "agreed in 2026"\n'
TEXT = "the quzzle of dana@example.com"


@pytest.fixture
def service():
    running = DetectorService(["quzzle"], score=0.6)
    yield running
    running.close()


@pytest.fixture
def case(tmp_path):
    def read(more=""):
        file = tmp_path / "case.toml"
        file.write_text(CASE + more, encoding="utf-8")
        return load(file)

    return read


def found(use_case, folder):
    findings = detector_by(use_case.privacy, folder).find(TEXT).findings
    return [(one.kind, TEXT[one.start : one.end]) for one in findings]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('type = "http"', "`url` is required"),
        ('type = "gliner"', "`model` is required"),
        ('type = "http"\nurl = "https://api.example.com/analyze"', "our own network"),
        ('type = "http"\nurl = "http://8.8.8.8/analyze"', "our own network"),
        ('type = "http"\nurl = "ftp://detector.internal/x"', "is not a URL"),
        ('type = "http"\nurl = "http://me:secret@detector.internal/x"', "name or password"),
        ('type = "presidio"\nurl = "http://detector.internal/x"', "`url` says nothing"),
        ('type = "gliner"\nmodel = "w"\nlanguage = "de"', "`language` says nothing"),
        ('type = "http"\nurl = "http://detector.internal/x"\nthreshold = 2', "less than or equal to 1"),
        ('type = "regex"', "presidio"),
    ],
)
def test_a_detector_that_cannot_be_meant_is_refused(case, more, says):
    with pytest.raises(UseCaseInvalid, match=r"privacy\.detectors\.0") as raised:
        case(f"[[privacy.detectors]]\n{more}\n")
    assert says in raised.value.message
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("host", ["127.0.0.1:5002", "detector.internal", "detector", "10.0.0.7", "[::1]:5002"])
def test_a_detector_on_our_own_network_is_taken(host):
    assert DetectorChoice(type="http", url=f"http://{host}/analyze").url


def test_a_choice_survives_being_written_out_whole():
    rules = PrivacyRules(detectors=(DetectorChoice(type="presidio", threshold=0.5),))
    assert PrivacyRules.model_validate(rules.model_dump(mode="json")) == rules
    with pytest.raises(ValidationError):
        DetectorChoice(type="presidio", timeout_seconds=1)


def test_the_same_choices_are_the_same_readers_so_the_detector_is_made_once(service, case, tmp_path):
    more = f'[[privacy.detectors]]\ntype = "http"\nurl = "{service.url}"\n'
    first, again = case(more).privacy, case(more).privacy
    assert readers_for(first.detectors)[0] is readers_for(again.detectors)[0]
    assert detector_by(first, tmp_path) is detector_by(again, tmp_path)


def test_a_service_finds_what_no_rule_finds(service, case, tmp_path):
    detectors = f'[[privacy.detectors]]\ntype = "http"\nurl = "{service.url}"\nlanguage = "de"\n'
    assert found(case(), tmp_path) == [("mail", "dana@example.com")]
    assert found(case(detectors), tmp_path) == [("person", "quzzle"), ("mail", "dana@example.com")]
    assert service.asked == [{"text": TEXT, "language": "de"}]
    assert found(case(f"{detectors}threshold = 0.7\n"), tmp_path) == [("mail", "dana@example.com")]


def test_a_service_that_is_down_is_no_empty_answer(service, case, tmp_path):
    rules = case(f'[[privacy.detectors]]\ntype = "http"\nurl = "{service.url}"\n').privacy
    service.close()
    with pytest.raises(DetectorFailed):
        detector_by(rules, tmp_path).find(TEXT)


def test_no_proxy_of_the_environment_gets_the_text(service, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    [reader] = readers_for([DetectorChoice(type="http", url=service.url, timeout_seconds=1.5)])
    assert len(list(reader.find(normalise(TEXT)))) == 1


def test_what_is_not_installed_is_said_when_it_is_opened(case, tmp_path):
    with pytest.raises(DetectorUnavailable, match="gliner"):
        detector_by(case('[[privacy.detectors]]\ntype = "gliner"\nmodel = "weights"\n').privacy, tmp_path)


def test_detectors_change_the_release_and_none_of_them_leaves_it_as_it_was(case):
    plain = case().release_manifest["privacy"]
    assert "detectors" not in plain
    more = case('[[privacy.detectors]]\ntype = "presidio"\n').release_manifest["privacy"]
    assert [one["type"] for one in more["detectors"]] == ["presidio"]


def test_a_profile_beside_the_use_case_says_which_kinds_count(service, case, tmp_path):
    (tmp_path / "ours.toml").write_text(OURS, encoding="utf-8")
    more = f'profile = "ours.toml"\n[[privacy.detectors]]\ntype = "http"\nurl = "{service.url}"\n'
    use_case = case(more)
    assert found(use_case, tmp_path) == [("mail", "dana@example.com")]
    (tmp_path / "ours.toml").write_text('[kinds]\nperson = "agreed in 2027"\n', encoding="utf-8")
    os.utime(tmp_path / "ours.toml", ns=(1, 1))
    assert found(use_case, tmp_path) == [("person", "quzzle")]
    assert case(more).release != use_case.release


def test_a_profile_outside_the_folder_or_absent_is_refused(case, tmp_path):
    for name in ("../ours.toml", "/etc/ours.toml", "none.toml"):
        with pytest.raises(UseCaseInvalid, match=r"privacy\.profile"):
            case(f'profile = "{name}"\n')
    (tmp_path / "ours.toml").write_text('[kinds]\nnonsense = "x"\n', encoding="utf-8")
    with pytest.raises(ProfileInvalid):
        detector_by(case('profile = "ours.toml"\n').privacy, tmp_path)
