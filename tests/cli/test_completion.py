import pytest


@pytest.mark.parametrize(
    ("shell", "first", "install"),
    [
        ("bash", "_graftwork_completion() {", "bash-completion/completions/graftwork"),
        ("zsh", "#compdef graftwork", "_graftwork"),
        ("fish", "function _graftwork_completion;", "completions/graftwork.fish"),
    ],
)
def test_the_script_of_each_shell_ends_with_how_to_install_it(graftwork, shell, first, install):
    lines = graftwork("completion", shell).stdout.splitlines()
    assert lines[0] == first
    assert lines[-1].startswith("# install")
    assert install in lines[-1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("graftwork us", ["plain,usecase", "plain,user"]),
        ("graftwork usecase ch", ["plain,check"]),
        ("graftwork user add rita --ro", ["plain,--role"]),
        ("graftwork user add rita --role rev", ["plain,reviewer"]),
        ("graftwork xyz", []),
    ],
)
def test_a_shell_gets_what_a_word_can_become(in_process_of_its_own, tmp_path, words, found):
    env = {"_GRAFTWORK_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    assert in_process_of_its_own(folder=tmp_path, env=env).stdout.split() == found


def test_an_unknown_shell_is_refused(graftwork):
    assert graftwork("completion", "cmd").exit_code == 2
