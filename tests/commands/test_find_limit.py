"""Test the search for the limit against a real target with a known limit."""

from __future__ import annotations

from pathlib import Path

from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import read_report, run_cli


def test_the_limit_of_few_slow_users_is_found(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "slow.yml"
    case.write_text("config: {name: s}\nteststeps: [{request: {method: GET, url: /delay/0.5}}]\n")
    report = tmp_path / "limit.json"
    # Four users of half a second each are eight starts per second, whatever the machine does.
    flags = ("--from", "2/s", "--to", "64/s", "--step", "2s", "--max-users", "4")
    ended = run_cli(
        "find-limit", case, "--base-url", target.url, *flags, "--precision", "0.5", "--json", report
    )
    assert ended.code == 0, ended
    found = read_report(report)
    assert 4 <= found["limit_per_second"] <= 8
    assert [trial["rate_per_second"] for trial in found["trials"]][:3] == [2, 4, 8]
    broken = [trial for trial in found["trials"] if not trial["held"]]
    assert all(trial["dropped"] > 0 for trial in broken)
    # On a busy machine the generator itself may lack a core.
    names = {trial["limited_by"] for trial in broken}
    assert names <= {"server", "generator_cpu", "event_loop"}
    assert "did not hold, limited by" in ended.out
