"""The answers file: what is taken, what is refused and how that is said; questions and examples."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.answers import (
    Answers,
    Binds,
    Constraints,
    Member,
    Project,
    Team,
)
from advisor.questionnaire import AnswersError, dump, load, members, parse
from tests.advisor.given_answers import answers_


@settings(max_examples=60, deadline=None)
@given(answers_)
@example(Answers(project=Project(name="0\x850 \u2028 1")))
@example(Answers(binds=Binds(notes="no")))
def test_what_is_written_reads_back(answers: Answers) -> None:
    assert parse(dump(answers)) == answers


def test_the_documented_example_is_taken() -> None:
    answers = parse(
        """
schema: 2
project: {name: Shelf scanner, domain: vision}
stage: first-production
targets:
  - {id: android, importance: 5, latency_ms: {target: 30, limit: 100}}
  - {id: server_rest_grpc, importance: 2}
hardware: {train: [nvidia, tpu], serve: [cpu], nvidia: [blackwell]}
team: {size: 4, skills: {pytorch: 2, tensorflow: 4, jax: 0, cpp: 1, javascript: 3}}
code: {framework: tensorflow2, lines: 12000, plan: undecided}
constraints: {python: [3.10, "3.11"], os: [linux], offline: true}
product: {language: [jvm], platform: [triton]}
binds: {checkpoint: onnx, notes: TensorFlow Probability}
priorities: {ranking: [deployment, skills]}
"""
    )
    assert answers.targets[0].latency_ms is not None
    assert answers.targets[0].latency_ms.limit == 100
    assert answers.priorities.ranking == ("deployment", "skills")
    assert answers.hardware.train == ("nvidia", "tpu")
    assert answers.constraints.python == ("3.10", "3.11")
    assert answers.constraints.offline is True


@pytest.mark.parametrize(
    "text", ["schema: 1", "schema: 2", "schema: 1\nproject:\n  name: ''\n", "# nothing\nschema: 1\n"]
)
def test_everything_but_the_schema_may_be_left_out(text: str) -> None:
    assert parse(text) == Answers()


@pytest.mark.parametrize("name", ["no", "1.10", "2026-11-23", "<b>x</b>", "日本", "~x"])
def test_a_project_may_be_called_anything(name: str) -> None:
    assert parse(f"schema: 1\nproject: {{name: {name}}}").project.name == name


def test_people_may_be_called_anything_too() -> None:
    answers = parse("schema: 1\nvoices: [{name: no}]\nteam: {members: [{name: 1.10}, {name: off}]}")
    assert [person.name for person in (*answers.voices, *answers.team.members)] == ["no", "1.10", "off"]


@pytest.mark.parametrize(
    "blank", ["stage:", "project:", "project: {name: }", "targets:", "team:\n  size:", "hardware: ~"]
)
def test_a_key_without_a_value_is_an_answer_not_given(blank: str) -> None:
    assert parse(f"schema: 1\n{blank}\n") == Answers()


def test_a_python_version_needs_no_quotes() -> None:
    assert parse("schema: 2\nconstraints: {python: [3.10], device_python: 3.10}").constraints == Constraints(
        python=("3.10",), device_python="3.10"
    )


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nschema: 1\n"


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("", "", "an empty file"),
        ("# only a comment", "", "an empty file"),
        ("- a\n- b", "", "a list"),
        ("hello", "", "a text"),
        ("5", "", "a number"),
        ("{", "", "in line 1; allowed: a YAML file"),
        ("a: 1: 2", "", "in line 1; allowed: a YAML file"),
        ("\x00", "", "a YAML file"),
        ("schema: 1\n--- \nschema: 1", "", "a YAML file"),
        (BOMB, "", "anchor or alias (& or *) in line 1"),
        ("schema: 1\nstage: &x scaling", "", "anchor or alias (& or *) in line 2"),
        ("[" * 60_000, "", "more than 8 levels"),
        ("schema: 1\nx: [" + "{}," * 20_000 + "]", "", "more than 10,000 keys and values"),
        ("schema: 1\nteam: {size: 0x" + "f" * 20_000 + "}", "team.size", "a number of at most 64 characters"),
        ("schema: 1\nteam: {size: 1" + ":59" * 9_000 + "}", "team.size", "a number of at most 64 characters"),
        ("schema: 1\nteam: {size: 0b" + "1" * 50 + "}", "team.size", "allowed: whole numbers from 1 to 1,000"),
        ("schema: 1\nteam: {size: 1e999}", "team.size", "not allowed"),
        ("schema: 1\nteam: {size: 9.9e+999}", "team.size", "inf is not allowed"),
        ("schema: 1\nteam: {size: !!float ''}", "team.size", "'' is not allowed; allowed: whole numbers"),
        ("schema: 1\nteam: {size: !!int x}", "team.size", "'x' is not allowed; allowed: whole numbers"),
        ("schema: 1\nteam: {size: !!bool x}", "team.size", "'x' is not allowed; allowed: a number or a truth value"),
        ("schema: 1\nteam: {size: !!int 1:x}", "team.size", "'1:x' is not allowed"),
        ("schema: 1\nteam: {size: 2026-02-30}", "team.size", "'2026-02-30' is not allowed"),
        ('schema: 1\nproject: {name: "a\\e[2Jb"}', "project.name", r"'a\x1b[2Jb' holds U+001B (ESCAPE); allowed"),
        ('schema: 1\n"a\\e[2J": 1', "a\x1b[2J", r"a\u001b[2J: unknown key"),
        ("x" * 70_000, "", "at most 65,536 bytes"),
        ("stage: scaling", "schema", "missing; allowed: 1, 2"),
        ("schema: 3", "schema", "3 is not allowed; allowed: 1, 2"),
        ("schema: true", "schema", "true is not allowed; allowed: 1, 2"),
        ("schema: 1.0", "schema", "1.0 is not allowed; allowed: 1, 2"),
        ("schema: 2\nhardware: {train: nvidia}", "hardware.train", "'nvidia' is not allowed; allowed: a list, each"),
        ("schema: 2\nhardware: {train: [moon]}", "hardware.train[0]", "'moon' is not allowed; allowed: cpu, nvidia"),
        ("schema: 2\nhardware: {train: [cpu, cpu]}", "hardware.train", "named twice: cpu"),
        ("schema: 1\nhardware: {train: moon}", "hardware.train[0]", "'moon' is not allowed; allowed: cpu, nvidia"),
        ("schema: 2\nconstraints: {wsl: 1}", "constraints.wsl", "1 is not allowed; allowed: true or false"),
        ("schema: 2\nconstraints: {wsl: 'no'}", "constraints.wsl", "'no' is not allowed; allowed: true or false"),
        ("schema: 2\nproject: {data_gb: -1}", "project.data_gb", "-1 is not allowed; allowed: numbers from 0"),
        ("schema: 2\nproject: {devices: 0}", "project.devices", "0 is not allowed; allowed: whole numbers from 1"),
        ("schema: 2\nbinds: {notes: " + "x" * 301 + "}", "binds.notes", "at most 300 characters"),
        ("schema: 1\nschema: 1", "schema", "named twice (line 2)"),
        ("schema: 1\nteam: {size: 1, size: 2}", "team.size", "named twice"),
        ("schema: 1\n? [a, b]\n: 1", "", "a key that is a list or a mapping"),
        ("schema: 1\nstage: !!python/name:os.system x", "stage", "the tag"),
        ("schema: 1\nstage: !cool x", "stage", "the tag !cool"),
        ("schema: 1\ncolour:", "colour", "unknown key"),
        ("schema:", "schema", "allowed: 1, 2"),
        ('schema: 1\n"a\\nb": 1', "a\nb", "a b: unknown key"),
        ("schema: 1\n" + "k" * 500 + ": 1", "k" * 500, "kkk…: unknown key"),
        ("schema: 1\ncode: {lines: " + "9" * 5000 + "}", "code.lines", "…"),
        ("schema: 1\ncolour: red", "colour", "unknown key; allowed: schema, project, stage, targets"),
        ("schema: 1\nproject: {nme: x}", "project.nme", "unknown key; allowed: name, domain"),
        ("schema: 1\nproject: x", "project", "'x' is not allowed; allowed: a mapping with name, domain"),
        ("schema: 1\nproject: {name: " + "x" * 121 + "}", "project.name", "at most 120 characters"),
        ("schema: 1\nstage: done", "stage", "'done' is not allowed; allowed: exploring, prototype"),
        ("schema: 1\ntargets: [{id: moon}]", "targets[0].id", "'moon' is not allowed; allowed: server_rest_grpc"),
        ("schema: 1\ntargets: [{importance: 3}]", "targets[0].id", "missing"),
        ("schema: 1\ntargets: [ios]", "targets[0]", "'ios' is not allowed; allowed: a mapping with id, importance"),
        ("schema: 1\ntargets: [{id: ios}, {id: ios}]", "targets", "named twice: ios"),
        ("schema: 1\ntargets: [{id: ios, importance: 6}]", "targets[0].importance", "6 is not allowed; allowed: whole"),
        ("schema: 1\nteam: {skills: {pytorch: 9}}", "team.skills.pytorch", "9 is not allowed; allowed: whole numbers"),
        ("schema: 1\nteam: {skills: {pytorch: '3'}}", "team.skills.pytorch", "'3' is not allowed"),
        ("schema: 1\nteam: {skills: {rust: 3}}", "team.skills.rust", "allowed: pytorch, tensorflow, jax"),
        ("schema: 1\nteam: {size: 0}", "team.size", "0 is not allowed; allowed: whole numbers from 1 to 1,000"),
        ("schema: 1\nteam: {size: true}", "team.size", "true is not allowed"),
        ("schema: 1\ncode: {lines: -1}", "code.lines", "-1 is not allowed; allowed: whole numbers from 0"),
        ("schema: 1\ncode: {lines: .nan}", "code.lines", "nan is not allowed"),
        ("schema: 1\nconstraints: {python: 3.9}", "constraints.python[0]", "'3.9' is not allowed; allowed: 3.10, 3.11"),
        (
            "schema: 1\ntargets: [{id: ios, latency_ms: {target: 9, limit: 3}}]",
            "targets[0].latency_ms",
            "limit must be above target",
        ),
        ("schema: 1\npriorities: {ranking: [luck]}", "priorities.ranking[0]", "'luck' is not allowed; allowed: tr"),
        ("schema: 1\npriorities: {ranking: [exit, exit]}", "priorities.ranking[1]", "named twice"),
        ("schema: 1\npriorities: {swings: {luck: 3}}", "priorities.swings.luck", "allowed: training_speed"),
        ("schema: 1\npriorities: {swings: {skills: 101}}", "priorities.swings.skills", "101 is not allowed; al"),
        ("schema: 1\npriorities: {swings: {skills: .nan}}", "priorities.swings.skills", "nan is not allowed"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named(text: str, path: str, says: str) -> None:
    with pytest.raises(AnswersError) as caught:
        parse(text)
    error = caught.value
    assert error.path == path
    assert says in str(error)
    assert error.allowed
    assert "\n" not in str(error)
    assert len(str(error)) < 1_500


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(AnswersError, match="can't be read"):
        load(tmp_path / "none.yaml")
    with pytest.raises(AnswersError, match="can't be read"):
        load(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("name: Größe".encode("latin-1"))
    with pytest.raises(AnswersError, match="not UTF-8 at byte"):
        load(tmp_path / "latin.yaml")
    (tmp_path / "large.yaml").write_bytes(b"#" * 10**6)
    with pytest.raises(AnswersError, match="at most 65,536 bytes"):
        load(tmp_path / "large.yaml")


def test_a_file_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("schema: 1\nstage: scaling\n", encoding="utf-8")
    assert load(tmp_path / "a.yaml").stage == "scaling"


SCALARS = st.one_of(
    st.sampled_from(
        ["''", "x", "1:60", "0x", "0b2", "1_", ".inf", "-.nan", "1e-999", "9e+999", "2026-13-01", "~", "<<", "="]
    ),
    st.from_regex(r"[-+.:_0-9a-fxo]{1,12}", fullmatch=True),
)


@given(st.sampled_from(["", "!!int ", "!!float ", "!!bool ", "!!null ", "!!timestamp ", "!!seq "]), SCALARS)
def test_whatever_stands_in_place_of_a_number_is_taken_or_refused(tag: str, scalar: str) -> None:
    for place in ("team: {size: %s}", "priorities: {swings: {skills: %s}}", "%s: 1"):
        with suppress(AnswersError):
            taken = parse(f"schema: 1\n{place % (tag + scalar)}")
            assert parse(dump(taken)) == taken


def test_a_team_of_200_with_long_names_fits_and_reads_back() -> None:
    team = tuple(Member(name=f"{'ü' * 70} {i}", pytorch=i % 6, tensorflow=2) for i in range(200))
    answers = Answers(team=members.applied(Team(), team))
    assert parse(dump(answers)) == answers
