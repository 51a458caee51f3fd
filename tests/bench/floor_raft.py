"""The floor of the simulation: Raft hard-coded on a bare heap, which records the touched node.

No commands, no crashes, no causes, no sessions, no checks, no links that could be cut: as little as can still be called
a simulation of Raft with a history. Five nodes elect, replicate, commit and apply; a client puts ten values a virtual second.
"""

from __future__ import annotations

from heapq import heappop, heappush
from random import Random
from typing import Any

TERM, VOTED, COMMIT, ROLE, VOTES, NEXT, MATCH, DEADLINE, LOG, LENGTH, APPLIED, DATA = range(12)
VOTE, VOTED_FOR, APPEND, APPENDED, ELECTION, HEARTBEAT, ASK, ANSWER = range(8)


def run(seconds: int, nodes: int = 5, seed: int = 1) -> tuple[int, list[tuple[Any, ...]]]:  # noqa: C901
    """`seconds` of virtual time. Returns how many messages were sent, and the history: (time, node, its state)."""
    draw, heap, history, sent, order, now, leader = Random(seed).random, [], [], 0, 0, 0, 0
    state: list[list[Any]] = [[0, -1, 0, 0, 0, [1] * nodes, [0] * nodes, 0, [], 0, 0, {}] for _ in range(nodes)]
    peers = [[peer for peer in range(nodes) if peer != node] for node in range(nodes)]

    def send(kind: int, dst: int, src: int, *body: Any) -> None:
        nonlocal sent, order
        sent, order = sent + 1, order + 1
        heappush(heap, (now + 15_000 + int(draw() * 15_000), order, kind, dst, src, body))

    def later(kind: int, node: int, delay: int) -> None:
        nonlocal order
        order += 1
        heappush(heap, (now + delay, order, kind, node, node, ()))

    def append(n: list[Any], src: int) -> None:
        for dst in peers[src]:
            prev, log = n[NEXT][dst] - 1, n[LOG]
            send(APPEND, dst, src, n[TERM], prev, log[prev - 1][0] if prev else 0, log[prev : n[LENGTH]], n[COMMIT])

    for node in range(nodes):
        later(ELECTION, node, now + 150_000 + int(draw() * 150_000))
    later(ASK, 0, 500_000)
    while now < seconds * 1_000_000:
        now, _, kind, dst, src, body = heappop(heap)
        n = state[dst]
        if kind in (APPEND, VOTE) and body[0] > n[TERM]:
            n[TERM], n[VOTED], n[ROLE] = body[0], -1, 0
        if kind == APPEND and body[0] == n[TERM]:
            _, prev, prev_term, entries, commit = body
            n[ROLE], n[DEADLINE], log = 0, now + 150_000 + int(draw() * 150_000), n[LOG]
            good, match = prev <= n[LENGTH] and (not prev or log[prev - 1][0] == prev_term), prev + len(entries)
            if good and entries:
                n[LOG], n[LENGTH] = log[:prev] if n[LENGTH] > prev else log, match
                n[LOG].extend(entries)
            if good and commit > n[COMMIT]:
                n[COMMIT] = min(commit, match)
            send(APPENDED, src, dst, n[TERM], good, match if good else n[LENGTH])
        elif kind == APPENDED and n[ROLE] == 2 and body[0] == n[TERM]:
            good, match = body[1:]
            if match > n[MATCH][src] or not good:
                n[NEXT] = [*n[NEXT][:src], match + 1, *n[NEXT][src + 1 :]]
            if good and match > n[MATCH][src]:
                n[MATCH] = [*n[MATCH][:src], match, *n[MATCH][src + 1 :]]
                agreed = sorted((*n[MATCH][:dst], n[LENGTH], *n[MATCH][dst + 1 :]))[(nodes - 1) // 2]
                n[COMMIT] = agreed if agreed > n[COMMIT] and n[LOG][agreed - 1][0] == n[TERM] else n[COMMIT]
        elif kind == HEARTBEAT and n[ROLE] == 2:
            later(HEARTBEAT, dst, 50_000)
            append(n, dst)
        elif kind == ASK and body:
            n[LOG].append((n[TERM], *body))
            n[LENGTH] += 1
            append(n, dst)
        elif kind == ASK:
            send(ASK, leader, 0, "x", now)
            later(ASK, 0, 100_000)
        elif kind == ELECTION:
            late = n[DEADLINE] <= now
            later(ELECTION, dst, (now + 150_000 + int(draw() * 150_000) if late else n[DEADLINE]) - now)
            if late and n[ROLE] != 2:
                n[TERM], n[VOTED], n[ROLE], n[VOTES] = n[TERM] + 1, dst, 1, 1
                for peer in peers[dst]:
                    send(VOTE, peer, dst, n[TERM], n[LENGTH])
        elif kind == VOTE:
            good = body[0] == n[TERM] and n[VOTED] in (-1, src) and body[1] >= n[LENGTH]
            n[VOTED], n[DEADLINE] = (src, now + 150_000 + int(draw() * 150_000)) if good else (n[VOTED], n[DEADLINE])
            send(VOTED_FOR, src, dst, n[TERM], good)
        elif kind == VOTED_FOR and n[ROLE] == 1 and body == (n[TERM], True):
            n[VOTES] += 1
            if n[VOTES] > nodes // 2:
                n[ROLE], leader, n[NEXT] = 2, dst, [n[LENGTH] + 1] * nodes
                later(HEARTBEAT, dst, 0)
        while n[APPLIED] < n[COMMIT]:
            _, key, value = n[LOG][n[APPLIED]]
            n[APPLIED], n[DATA] = n[APPLIED] + 1, {**n[DATA], key: value}
            if n[ROLE] == 2:
                send(ANSWER, 0, dst, n[APPLIED])
        history.append((now, dst, *n))
    return sent, history
