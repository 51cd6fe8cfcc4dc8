"""What sets two measurements apart, in words."""

from __future__ import annotations

from dataclasses import replace

from advisor.measured.conditions import asked, changes, differences, met, same_hardware
from probes.schema import FRAMEWORKS, RunRequest
from probes.team_files import ModelFile
from tests import samples

HERE = samples.MACHINE
UPGRADED = replace(HERE, fingerprint="b" * 16, versions={**HERE.versions, "torch": "2.14.0"})


def test_what_is_asked_is_what_is_met_once_the_device_is_known() -> None:
    request = RunRequest(threads=2, sizes={"mlp": {"width": 9}})
    result = replace(samples.run_result(), request=request)
    assert asked(request, HERE) == met(result)
    with_gpu = replace(HERE, gpus=("NVIDIA Sample",))
    assert asked(request, with_gpu).on_gpu is None
    assert asked(replace(request, device="cuda"), with_gpu).on_gpu is True


def test_an_upgrade_is_named_with_both_versions() -> None:
    assert same_hardware(HERE, UPGRADED)
    assert changes(HERE, UPGRADED) == ("torch 2.13.0 instead of 2.14.0",)
    without = replace(UPGRADED, versions={name: v for name, v in HERE.versions.items() if name != "keras"})
    assert changes(HERE, without) == ("keras 3.15.1 instead of not installed",)


def test_of_another_machine_only_its_name_is_told() -> None:
    other = replace(UPGRADED, name="Another CPU", cpu="Another CPU")
    assert changes(other, HERE) == ("another machine (Another CPU)",)
    assert changes(HERE, HERE) == ()


def test_a_kernel_or_a_limit_is_a_reason_too() -> None:
    assert changes(replace(HERE, fingerprint="c", kernel="5.15"), HERE) == ("kernel 5.15 instead of kernel 6.1",)
    assert changes(replace(HERE, fingerprint="c", container_limits="1 core"), HERE) == (
        "other limits of the container",
    )
    assert changes(replace(HERE, fingerprint="c"), HERE) == ("another state of this machine",)


def test_device_threads_and_sizes_set_apart() -> None:
    one = replace(samples.run_result(), request=RunRequest(threads=2, sizes={"mlp": {"width": 512}}))
    other = replace(samples.run_result(), request=RunRequest(sizes={"mlp": {"width": 256}}))
    assert differences(one, other, on_gpu=(True, False)) == (
        "on the GPU instead of the CPU",
        "2 threads instead of 1",
        "width 512 instead of 256",
    )


def test_each_version_of_a_teams_own_model_is_measured_under_conditions_of_its_own() -> None:
    ours = [ModelFile("ours.py", digit * 64, "Ours", FRAMEWORKS, trains=True) for digit in "ab"]
    requests = [RunRequest(model=file.id, model_file=file) for file in ours]
    first, second, stock = (
        replace(samples.run_result(), request=request) for request in (*requests, RunRequest(sizes={"mlp": {}}))
    )
    assert met(first) != met(second)
    assert asked(requests[0], HERE) == met(first)
    assert differences(first, stock, on_gpu=(False, False)) == ("your own network «Ours»",)
    assert differences(stock, first, on_gpu=(False, False)) == ("another network than your own",)
