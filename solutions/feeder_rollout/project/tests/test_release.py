import json

import pytest

from feedcast.common.errors import ReleaseError
from feedcast.features.days import Days
from feedcast.pipelines import training
from feedcast.release import bundles, ci, rollback, windows
from feedcast.release.platform import Platform
from feedcast.release.rehearsal import rehearsed


@pytest.fixture
def version(data, registry, evening):
    return training.run(str(data), str(registry), evening)


def test_a_good_version_goes_out(registry, version):
    outcome, cluster = rehearsed(str(registry), version)
    assert outcome == {"outcome": "promoted", "reason": ""}
    assert cluster.tracks["stable"].model == version
    assert "canary" not in cluster.tracks


def test_a_bad_version_is_stopped_by_the_canary(registry, version):
    outcome, cluster = rehearsed(str(registry), version, failing=0.1)
    assert outcome["reason"].startswith("canary at 5%")
    assert "stable" not in cluster.tracks


def test_the_bundle_is_whole(registry, version):
    content = bundles.files(str(registry), version, {"MODEL": version})
    assert bundles.faults(content) == []
    assert json.loads(content["manifest.json"])["version"] == version


def test_a_bundle_that_was_changed_is_noticed(registry, version):
    content = bundles.files(str(registry), version, {})
    assert bundles.faults({**content, "model.json": "{}"}) == ["model.json is another one"]


def test_the_image_of_before_comes_back(registry, version):
    _, cluster = rehearsed(str(registry), version)
    first = cluster.tracks["stable"].image
    other = cluster.push("v0", {"manifest.json": json.dumps({"files": {}})})
    cluster.deploy("stable", other, {"MODEL": "v0"})
    assert rollback.run(cluster)["outcome"] == "taken back"
    assert cluster.tracks["stable"].image == first


def test_without_a_release_before_nothing_comes_back(registry, version):
    _, cluster = rehearsed(str(registry), version)
    with pytest.raises(ReleaseError):
        rollback.run(cluster)


def test_a_pull_request_has_no_secrets():
    assert set(ci.secrets_of({"occasion": "pull_request"}).values()) == {()}


def test_jobs_come_after_what_they_need():
    names = [job.name for job in ci.jobs_of({"occasion": "tag"})]
    assert names.index("test") < names.index("roll out")


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [("2026-06-10T09:00", True), ("2026-06-12T09:00", False), ("2026-06-13T09:00", False), ("2026-06-10T20:00", False)],
)
def test_rollouts_begin_while_somebody_is_there(moment, allowed):
    assert windows.may_begin(moment, Days(frozenset())).allowed is allowed


def test_a_platform_does_not_show_its_token():
    assert "abc" not in repr(Platform("https://cluster.example", "abc"))
