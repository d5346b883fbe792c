"""Profiles: which kinds a law wants covered."""

from pathlib import Path

import pytest

from graftwork.core.errors import ProfileInvalid, UnknownProfile
from graftwork.core.privacy.finding import DIRECT, KINDS
from graftwork.core.privacy.profile import load_profile, profiles


def test_five_profiles_are_packaged() -> None:
    assert profiles() == ("ccpa", "finance", "gdpr", "hipaa", "secrets")


@pytest.mark.parametrize("name", profiles())
def test_every_kind_of_a_packaged_profile_has_a_reason(name: str) -> None:
    profile = load_profile(name)
    assert profile.kinds <= set(KINDS)
    assert all(profile.reasons.values())


@pytest.mark.parametrize("name", ["gdpr", "ccpa", "hipaa"])
def test_a_law_about_persons_covers_every_direct_identifier(name: str) -> None:
    assert load_profile(name).kinds >= DIRECT


def test_hipaa_names_all_eighteen_letters_that_text_can_hold() -> None:
    reasons = " ".join(load_profile("hipaa").reasons.values())
    missing = [letter for letter in "ABCDEFGHIJKLMNOPQR" if f"({letter})" not in reasons]
    assert missing == ["P", "Q"], "voice and finger prints and pictures are no text"


def test_secrets_leave_people_in_the_text() -> None:
    assert "person" not in load_profile("secrets").kinds


def test_a_company_brings_its_own_profile_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_text('[kinds]\nperson = "house rule 3"\n', encoding="utf-8")
    assert load_profile(str(file)).kinds == {"person"}


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownProfile, match="hipaa"):
        load_profile("hippa")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "`kinds` is missing"),
        ("kinds = []", "`kinds` is missing"),
        ('[kinds]\npersn = "x"', "there is no kind `persn`"),
        ("[kinds", "not UTF-8 TOML"),
    ],
)
def test_a_broken_profile_masks_nothing_silently(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ProfileInvalid, match=problem):
        load_profile(str(file))
