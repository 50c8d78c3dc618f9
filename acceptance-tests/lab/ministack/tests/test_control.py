"""The lab's control: failing add-ons, and what was asked of those that are gone."""

import urllib.error
import urllib.request

import pytest
from cluster import Cluster

ISSUE = {"code": "ConfigurationConflict", "message": "Conflicts found", "resourceIds": ["d/web"]}


def issues(lab):
    return lab.describe()["health"]["issues"]


def test_an_addon_fails_at_once(lab):
    lab.ready()
    lab.tell("DEGRADED", issue=ISSUE)
    assert (lab.status(), issues(lab)) == ("DEGRADED", [ISSUE])
    lab.tell("ACTIVE")
    assert (lab.status(), issues(lab)) == ("ACTIVE", [])
    lab.tell("UPDATE_FAILED", issue={"code": "AccessDenied", "message": "No"})
    assert issues(lab) == [{"code": "AccessDenied", "message": "No", "resourceIds": []}]
    lab.update()
    lab.wait()
    assert (lab.status(), issues(lab)) == ("ACTIVE", [])


def test_what_is_told_ends_what_an_addon_does(lab):
    lab.create()
    lab.tell("CREATE_FAILED", issue=ISSUE)
    lab.wait()
    assert lab.status() == "CREATE_FAILED"
    lab.tell(None)
    assert (lab.status(), issues(lab)) == ("ACTIVE", [])


def test_the_next_create_fails_once(lab):
    lab.tell("CREATE_FAILED", issue=ISSUE)
    lab.create()
    assert (lab.status(), issues(lab)) == ("CREATING", [])
    lab.wait()
    assert (lab.status(), issues(lab)) == ("CREATE_FAILED", [ISSUE])
    lab.delete()
    lab.wait()
    assert lab.ready()["status"] == "ACTIVE"


def test_the_next_update_fails(lab):
    lab.ready()
    lab.tell("UPDATE_FAILED", issue=ISSUE, next=True)
    assert lab.status() == "ACTIVE"
    lab.update()
    lab.wait()
    assert (lab.status(), issues(lab)) == ("UPDATE_FAILED", [ISSUE])


def test_without_a_cluster_all_are_meant(lab):
    other, later = (Cluster(lab.endpoint, lab.client, lab.seconds) for _ in range(2))
    for cluster in (lab, other):
        cluster.ready()
    lab.tell("DEGRADED")
    assert (lab.status(), other.status()) == ("DEGRADED", "ACTIVE")
    lab.tell("DEGRADED", clusterName=None)
    assert (lab.status(), other.status()) == ("DEGRADED", "DEGRADED")
    lab.tell("CREATE_FAILED", clusterName=None, next=True)
    assert later.ready()["status"] == "CREATE_FAILED"


def test_what_was_planned_is_forgotten(lab):
    lab.tell("CREATE_FAILED", issue=ISSUE)
    lab.tell(None)
    assert lab.ready()["status"] == "ACTIVE"
    lab.tell(None)
    assert lab.status() == "ACTIVE"


@pytest.mark.parametrize("preserve", [True, False, None])
def test_deleted_addons_are_listed(lab, preserve):
    lab.ready(resolveConflicts="NONE")
    (found,) = lab.asked()
    assert (found["deleted"], found["preserve"]) == (False, None)
    lab.delete(**({} if preserve is None else {"preserve": preserve}))
    assert [one["deleted"] for one in lab.asked()] == [False]
    lab.wait()
    (found,) = lab.asked()
    assert (found["deleted"], found["preserve"]) == (True, preserve)
    assert found["resolveConflicts"] == "NONE"
    lab.create(resolveConflicts="OVERWRITE")
    assert [(one["deleted"], one["resolveConflicts"]) for one in lab.asked()] == [
        (True, "NONE"),
        (False, "OVERWRITE"),
    ]


def test_control_refuses_what_it_does_not_know(lab):
    lab.create()
    for status, more in (("EXPLODED", {}), ("DEGRADED", {"issue": {"code": "x"}})):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            lab.tell(status, **more)
    for method, path in (("DELETE", ""), ("GET", "/cert-manager"), ("POST", "")):
        url = f"{lab.endpoint}/e2etls/eks/addons{path}"
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=5)
    assert lab.status() == "CREATING"
