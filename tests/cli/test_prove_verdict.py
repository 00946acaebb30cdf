"""The verdict of a proof: it can fail, and says why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from satchel.cli.prove import judge, table
from satchel.prove.kernel import Counters, counters
from satchel.prove.seen import sort_connections

SNMP = """\
Ip: Forwarding DefaultTTL OutRequests OutDiscards OutNoRoutes ReasmTimeout
Ip: 2 64 8546 0 3 0
Icmp: InMsgs
Icmp: 0
"""
SNMP6 = "Ip6InNoRoutes                   \t0\nIp6OutNoRoutes                  \t4\n"


def result(**changes: Any) -> dict[str, Any]:
    return {
        "steps": [{"name": "index", "done": True, "detail": "", "seconds": 0.1}],
        "before": {"ipv4": 0, "ipv6": 0},
        "after": {"ipv4": 0, "ipv6": 0},
        "control": {"ipv4": 1, "ipv6": 1},
        "control_lookup": {"ipv4": 2, "ipv6": 1},
        "lookups_counted": True,
        "connections": {"loopback": [], "unix": [], "elsewhere": []},
        "control_seen": ["socket.connect 192.0.2.1 9 (python)"],
        **changes,
    }


def test_the_counters_are_read_by_name() -> None:
    assert counters(SNMP, SNMP6) == Counters(3, 4)


def test_a_kernel_without_ipv6_has_no_count_of_it() -> None:
    assert counters(SNMP, "") == Counters(3, None)


def test_no_escape_and_a_control_that_moved_is_a_proof() -> None:
    verdict = judge(result(), "kernel")
    assert verdict.proved
    assert verdict.sentence.startswith("0 packets")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"after": {"ipv4": 1, "ipv6": 0}}, "NOT private", id="an IPv4 escape"),
        pytest.param({"after": {"ipv4": 0, "ipv6": 2}}, "NOT private", id="an IPv6 escape"),
        pytest.param({"control": {"ipv4": 0, "ipv6": 1}}, "control", id="a control not counted"),
        pytest.param(
            {"before": {"ipv4": None, "ipv6": None}}, "control", id="a kernel that counts nothing"
        ),
        pytest.param(
            {"steps": [{"name": "ask", "done": False, "detail": "", "seconds": 0}]},
            "failed: ask",
            id="a step that failed",
        ),
    ],
)
def test_anything_else_is_not(changes: dict[str, Any], said: str) -> None:
    verdict = judge(result(**changes), "kernel")
    assert not verdict.proved
    assert said in verdict.sentence


def test_a_step_that_was_left_out_is_named_in_the_verdict() -> None:
    steps = [{"name": "ask", "done": None, "detail": "", "seconds": 0}]
    verdict = judge(result(steps=steps), "kernel")
    assert verdict.proved
    assert "Not walked: ask." in verdict.sentence


def test_without_the_kernel_what_python_saw_decides_and_its_limit_is_said() -> None:
    clean = judge(result(), "witness")
    assert clean.proved
    assert "native code is not seen" in clean.sentence
    seen = {"loopback": [], "unix": [], "elsewhere": ["socket.connect 203.0.113.9 443 (python)"]}
    assert not judge(result(connections=seen), "witness").proved
    assert not judge(result(control_seen=[]), "witness").proved


def test_connections_are_sorted_by_where_they_lead() -> None:
    addresses = [
        ("socket.connect", "127.0.0.1 8080"),
        ("socket.connect", "::1 8080"),
        ("socket.getaddrinfo", "localhost"),
        ("socket.connect", "/scratch/home/run/s"),
        ("socket.connect", "/run/other.sock"),
        ("socket.connect", "203.0.113.9 443"),
        ("socket.getaddrinfo", "example.org"),
    ]
    lines = [
        json.dumps({"pid": 1, "program": "p", "event": event, "address": address})
        for event, address in addresses
    ]
    kinds = {kind: len(found) for kind, found in sort_connections(lines, "/scratch").items()}
    assert kinds == {"loopback": 3, "unix": 1, "elsewhere": 3}


def test_the_table_names_both_families_and_the_verdict() -> None:
    shown = "\n".join(table(result(), judge(result(), "kernel")))
    assert "IPv4" in shown
    assert "IPv6" in shown
    assert "0 packets tried to leave this machine" in shown
