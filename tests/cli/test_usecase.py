"""`usecase` and `new`: files only, no keys and no database."""

import json

import jsonschema
import pytest

from graftwork.apps.work.usecases import packaged_folder
from graftwork.core.items import read_row
from graftwork.core.usecase_file import load

WHOLE = 'name = "broken"\ntitle = "B"\n[input.fields.t]\n[instructions]\nsystem = "Do."\n'


def test_a_good_file_is_ok_by_its_name_and_by_its_path(graftwork, note_reply, workspace_folder):
    for given in ("note_reply", workspace_folder / "usecases" / "note_reply.toml"):
        result = graftwork("usecase", "check", given)
        assert result.exit_code == 0
        assert result.stdout.startswith("ok: ")
        assert "input    text (text)" in result.stdout
        assert "engine   echo (for tests)" in result.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "is required"),
        (f"{WHOLE}[engin]\n", "unknown key `engin`; did you mean `engine`?"),
        (f'{WHOLE}[output]\ntype = "jsn"\n', "`output.type`"),
        ("name = ", "not TOML"),
        ("\x00", "not TOML"),
    ],
)
def test_a_broken_file_is_named_with_its_fault_and_ends_with_2(graftwork, tmp_path, text, shown):
    file = tmp_path / "broken.toml"
    file.write_text(text, encoding="utf-8")
    result = graftwork("usecase", "check", file)
    assert result.exit_code == 2
    assert shown in result.stderr
    assert str(file) in result.stderr


@pytest.mark.parametrize("given", ["nowhere.toml", "some/where.toml", "."])
def test_a_path_that_is_no_file_ends_with_2(graftwork, given):
    result = graftwork("usecase", "check", given)
    assert result.exit_code == 2
    assert "usecase." in result.stderr


def test_an_unknown_name_gets_the_nearest(graftwork):
    result = graftwork("usecase", "check", "support_replay")
    assert result.exit_code == 2
    assert "did you mean `support_reply`?" in result.stderr


def test_the_schema_accepts_what_the_command_accepts(graftwork):
    schema = json.loads(graftwork("usecase", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {"name": "a", "title": "A", "input": {"fields": {"t": {}}}, "instructions": {"system": "Do."}}
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "titel": "A"}, schema)


def test_the_list_says_where_each_comes_from_and_names_the_broken_ones(graftwork, note_reply, workspace_folder):
    broken = workspace_folder / "usecases" / "broken.toml"
    broken.write_text('name = "other"\n', encoding="utf-8")
    try:
        plain, rows = graftwork("usecase", "list"), json.loads(graftwork("usecase", "list", "--json").stdout)
    finally:
        broken.unlink()
    assert plain.exit_code == 0
    assert plain.stdout.splitlines()[0].split() == ["name", "title", "engine", "from"]
    assert "broken.toml" in plain.stderr
    by_name = {row["name"]: row for row in rows}
    assert (by_name["note_reply"]["from"], by_name["support_reply"]["from"]) == ("workspace", "graftwork")
    assert by_name["broken"]["error"]["code"] == "usecase.invalid"
    assert by_name["note_reply"]["error"] is None


def test_the_list_works_without_a_workspace(graftwork, tmp_path, monkeypatch):
    monkeypatch.delenv("GRAFTWORK_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    assert "support_reply" in graftwork("usecase", "list").stdout


def test_the_engine_of_a_url_shows_the_host_only(graftwork, write_usecase):
    text = '[engine]\nurl = "https://box.example/v1?key=hunter3"\nmodel = "m"\n[privacy]\nmanaged = "allowed"\n'
    write_usecase(f'name = "far"\ntitle = "F"\n[input.fields.t]\n[instructions]\nsystem = "Do."\n{text}', "far")
    result = graftwork("usecase", "check", "far")
    assert "m at box.example" in result.stdout
    assert "hunter" not in result.output


# --- new --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("GRAFTWORK_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_new_makes_a_workspace_and_a_use_case_that_is_ok(graftwork, empty_folder):
    result = graftwork("new", "visit_report")
    assert result.exit_code == 0
    assert (empty_folder / "graftwork.toml").is_file()
    assert (empty_folder / "data" / "keys.json").stat().st_mode & 0o777 == 0o600
    commands = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]
    assert [command.split()[1] for command in commands] == ["usecase", "run", "up"]
    assert graftwork(*commands[0].split()[1:]).exit_code == 0


def test_the_sample_of_new_is_accepted_row_by_row(graftwork, empty_folder):
    graftwork("new", "visit_report")
    use_case = load(empty_folder / "usecases" / "visit_report.toml")
    lines = (empty_folder / "usecases" / "visit_report.sample.jsonl").read_text(encoding="utf-8").splitlines()
    items = [read_row(use_case, json.loads(line), line=number) for number, line in enumerate(lines, 1)]
    assert len({item.external_id for item in items}) == len(items) >= 5
    assert len({item.thread for item in items}) < len(items)  # two rows show what a thread is


def test_new_leaves_a_workspace_as_it_is_and_goes_into_the_one_above(graftwork, empty_folder, monkeypatch):
    graftwork("new", "first")
    before = {file: file.read_bytes() for file in empty_folder.rglob("*") if file.is_file()}
    (empty_folder / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(empty_folder / "deep" / "down")
    result = graftwork("new", "second")
    assert "Made a workspace" not in result.stdout
    assert (empty_folder / "usecases" / "second.toml").is_file()
    assert all(file.read_bytes() == content for file, content in before.items())


@pytest.mark.parametrize("there", ["mine.toml", "mine.sample.jsonl"])
def test_new_overwrites_nothing(graftwork, fresh_workspace, there):
    (fresh_workspace / "usecases" / there).write_text("mine", encoding="utf-8")
    result = graftwork("new", "mine")
    assert result.exit_code == 2
    assert "usecase.exists" in result.stderr
    assert [file.name for file in (fresh_workspace / "usecases").iterdir()] == [there]
    assert (fresh_workspace / "usecases" / there).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "proposal"),
    [
        ("Visit-Report", "`visit_report` would do"),
        ("2fast", "`fast` would do"),
        ("../etc/passwd", "`etc_passwd` would do"),
        ("x" * 64, "up to 63"),
        ("ünïcode", "`n_code` would do"),
        ("123", "begins with a lower-case letter"),
        ("a\nb", "`a_b` would do"),
    ],
)
def test_new_refuses_a_name_that_cannot_be_one_and_proposes_another(graftwork, empty_folder, name, proposal):
    result = graftwork("new", name)
    assert result.exit_code == 2
    assert proposal in " ".join(result.stderr.split())
    assert list(empty_folder.iterdir()) == []


# --- new --from -------------------------------------------------------------------------------------------------------

PACKAGED = sorted(file.stem for file in packaged_folder().glob("*.toml"))


@pytest.mark.parametrize("origin", PACKAGED)
def test_a_copy_of_each_packaged_use_case_is_ok_under_its_own_name(graftwork, empty_folder, origin):
    result = graftwork("new", "ours", "--from", origin)
    assert result.exit_code == 0, result.output
    copy, packaged = load(empty_folder / "usecases" / "ours.toml"), load(packaged_folder() / f"{origin}.toml")
    assert copy.name == "ours"
    assert (copy.title, copy.file_texts, copy.code_texts) == (packaged.title, packaged.file_texts, packaged.code_texts)
    assert graftwork("usecase", "check", "ours").exit_code == 0


def test_a_copy_has_its_own_texts_codes_sample_and_sources_and_reads_those(graftwork, empty_folder):
    graftwork("new", "ours", "--from", "compliance_review")
    folder = empty_folder / "usecases"
    assert {file.name for file in folder.iterdir()} == {
        "ours.toml",
        "ours.rules.txt",
        "ours.precedents.csv",
        "ours.sample.jsonl",
    }
    (folder / "ours.rules.txt").write_text("R1\tone rule of ours\n", encoding="utf-8")
    copy = load(folder / "ours.toml")
    assert copy.code_texts == {"rules": "R1\tone rule of ours\n"}
    assert copy.file_texts == copy.code_texts


def test_the_commands_after_a_copy_name_its_sources_and_its_sample(graftwork, empty_folder):
    result = graftwork("new", "our_hr", "--from", "hr_answers")
    commands = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]
    assert [command.split()[1] for command in commands] == ["usecase", "knowledge", "evaluate", "run", "up"]
    _, _, _, source, folder = commands[1].split()
    assert source in load(empty_folder / "usecases" / "our_hr.toml").knowledge.sources
    packaged = packaged_folder() / "hr_answers.sources" / source
    assert (empty_folder / folder).is_dir()
    assert {file.name for file in (empty_folder / folder).iterdir()} == {file.name for file in packaged.iterdir()}
    assert (empty_folder / commands[2].split()[-1]).is_file()


def test_two_copies_of_one_use_case_stand_side_by_side(graftwork, empty_folder):
    for name in ("north", "south"):
        assert graftwork("new", name, "--from", "support_reply").exit_code == 0
    files = {file.name for file in (empty_folder / "usecases").iterdir()}
    assert {"north.policy.md", "south.policy.md"} <= files
    assert not [file for file in files if file.startswith("support_reply")]


def test_a_packaged_name_may_be_kept_and_then_stands_before_the_packaged_one(graftwork, empty_folder):
    assert graftwork("new", "hr_answers", "--from", "hr_answers").exit_code == 0
    rows = {row["name"]: row for row in json.loads(graftwork("usecase", "list", "--json").stdout)}
    assert rows["hr_answers"]["from"] == "workspace"


@pytest.mark.parametrize(
    ("origin", "shown", "not_shown"),
    [
        ("hr_answer", "did you mean `hr_answers`?", "choose"),
        ("zzzz", "`zzzz` ships with Graftwork. There are: claims_extraction,", "did you mean"),
        ("../usecases/hr_answers", "did you mean `hr_answers`?", "choose"),
    ],
)
def test_an_unknown_origin_gets_the_nearest_and_the_list(graftwork, empty_folder, origin, shown, not_shown):
    result = graftwork("new", "ours", "--from", origin)
    assert result.exit_code == 2
    words = " ".join(result.stderr.split())
    assert shown in words
    assert not_shown not in words
    assert all(name in words for name in PACKAGED)
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize("there", ["mine.toml", "mine.policy.md", "mine.backlog.jsonl"])
def test_a_copy_overwrites_nothing_and_leaves_no_half(graftwork, fresh_workspace, there):
    (fresh_workspace / "usecases" / there).write_text("mine", encoding="utf-8")
    result = graftwork("new", "mine", "--from", "support_reply")
    assert result.exit_code == 2
    assert "usecase.exists" in result.stderr
    assert [file.name for file in (fresh_workspace / "usecases").iterdir()] == [there]
    assert (fresh_workspace / "usecases" / there).read_text(encoding="utf-8") == "mine"


def test_a_shell_completes_what_a_copy_can_begin_with(in_process_of_its_own, tmp_path):
    words = "graftwork new ours --from hr"
    env = {"_GRAFTWORK_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "4"}
    assert in_process_of_its_own(folder=tmp_path, env=env).stdout.split() == ["plain,hr_answers"]
