"""Paxos for a single value (Lamport, Paxos Made Simple, 2001, section 2), agent by agent in the paper's order.

Theory of operation. A value is chosen once a majority of the acceptors has accepted it in one ballot. A proposer first
asks a majority to *prepare* its ballot (phase 1): each promises to accept nothing lower, and says what it has accepted
last. Then the proposer asks them to *accept* a value (phase 2): if any was reported, that of the highest ballot, else
its own. Any two majorities share an acceptor. So if some value was chosen in a lower ballot, somebody in this majority
has accepted it and says so; and if none was, none will be, for the promises stop every lower ballot. Therefore each
proposal issued after a value is chosen has that value, whatever is lost, late or doubled, and whoever crashes.

Progress is not promised: two proposers may outbid each other for ever (section 2.4). Waiting for a random time after
each lost ballot ends that, almost surely.

Every `rule` is one line of that argument, and can be switched off to see what it was for. A node that plays several
parts sends itself messages too: these take no time and are not seen in the picture.
"""

from __future__ import annotations

from typing import Any

from ...simulation import on, on_timer
from ..ballots import rank
from ..quorum import majority
from ..session import ClientReply, ClientRequest
from . import indications as tell
from .messages import Accept, Accepted, Decided, Inquire, Nack, Prepare, Promise, Proposal, Value
from .state import ACCEPTOR, LEARNED, NO_PROMISES, NOBODY, NONE, PREPARING, PROPOSING, WAITING, PaxosState

RETRY = "retry"
LEARN = "learn"

DOUBLINGS_MAX = 6
"""How often the back-off doubles."""


class Paxos(PaxosState):
    """One node of a Paxos cluster: proposer, acceptor and learner, or one of them."""

    messages = (Prepare, Promise, Accept, Accepted, Nack, Inquire, Decided, ClientRequest)
    foreign = (ClientReply,)

    def start(self) -> None:
        """Also after a crash: what was chosen is on no disk, so a learner asks for it again."""
        self.role = self.idle_role
        self.await_news()

    def tell(self, to: tuple[str, ...], message: Any) -> None:
        """Sends to each of these nodes, to itself last and at once."""
        for node in to:
            if node != self.id:
                self.send(node, message)
        if self.id in to:
            self.step(message, self.id)

    # Clients

    @on(ClientRequest)
    def on_client_request(self, m: ClientRequest, src: str) -> None:
        """A proposer tries to have the value chosen, unless it knows that one is, or is at it for another client."""
        if self.chosen is not None:
            self.answer(src, m.serial, self.chosen)
            return
        cast = self.cast
        if self.id not in cast.proposers:
            self.indicate(tell.Redirected(src, cast.proposers[0]))
            self.send(src, ClientReply(m.serial, False, None, cast.proposers[0]))
            return
        if self.waiting.get(src, 0) >= m.serial:
            return  # it asks again, or an old request comes late: it will be answered once something is chosen
        self.waiting = {**self.waiting, src: m.serial}
        if self.own is not None:
            self.indicate(tell.ClientWaits(src, m.serial, self.own, m.operation.value))
            return
        self.own = m.operation.value
        self.indicate(tell.ValueTaken(src, m.serial, m.operation.value))
        self.begin_ballot()

    def answer(self, client: str, serial: int, chosen: Value) -> None:
        """The client is told the value that was chosen, its own or another's."""
        self.indicate(tell.Answered(client, serial, chosen))
        self.send(client, ClientReply(serial, True, chosen, self.id))

    # Phase 1 (section 2.2): the proposer asks, the acceptors promise

    def begin_ballot(self) -> None:
        """Phase 1a: a new ballot, higher than any that it has used or heard of."""
        self.round += 1
        self.tries += 1
        self.ballot = self.number(self.round)
        self.role = PREPARING
        self.proposed = None
        self.promises = NO_PROMISES
        self.backing = ()
        self.indicate(tell.BallotBegan(self.ballot, self.tries))
        self.wait_for_answers()
        self.tell(self.cast.acceptors, Prepare(self.ballot))

    def wait_for_answers(self) -> None:
        """The answers of a majority must come in time; how long it waits at the most is random, if it backs off."""
        self.set_timer(RETRY, self.phase_timeout, self.phase_timeout + self.back_off_most)

    @property
    def back_off_most(self) -> int:
        """The longest wait (µs) after a ballot that was lost: twice as long each time."""
        return 0 if self.back_off == NONE else self.back_off_base << min(self.tries - 1, DOUBLINGS_MAX)

    @on(Prepare)
    def on_prepare(self, m: Prepare, src: str) -> None:
        """Phase 1b. An equal ballot is the same request, doubled on its way: the promise holds, and is given again."""
        if self.refuses(m.ballot):
            self.indicate(tell.PromiseRefused(src, m.ballot, self.promised))
            self.refuse(m.ballot, src)
            return
        if rank(m.ballot) < rank(self.promised):
            self.indicate(tell.PromiseBroken(src, m.ballot, self.promised))
        repeated = m.ballot == self.promised
        self.heed(m.ballot)
        if repeated:
            self.indicate(tell.PromiseRepeated(src, m.ballot))
        elif self.accepted_value is None:
            self.indicate(tell.Promised(src, m.ballot))
        else:
            self.indicate(tell.PromisedAndReported(src, m.ballot, self.accepted_ballot, self.accepted_value))
        self.tell((src,), Promise(m.ballot, self.accepted_ballot, self.accepted_value))
        if rank(self.ballot) < rank(m.ballot):
            self.refuse(self.ballot, self.id)  # its own lower ballot, if it has one under way

    def refuses(self, ballot: str) -> bool:
        """P1a: whether an acceptor has promised a higher ballot; with the rule off it does as it is asked all the same."""
        return self.keep_promise and rank(ballot) < rank(self.promised)

    def heed(self, ballot: str) -> None:
        """An acceptor that promises or accepts is bound to that ballot, and knows of its round as a proposer."""
        self.promised = max(self.promised, ballot, key=rank)
        self.hear_of(ballot)

    def hear_of(self, ballot: str) -> None:
        """Its own next ballot will be of a higher round than any it has heard of, or it would be refused."""
        self.round = max(self.round, rank(ballot)[0])

    def refuse(self, ballot: str, src: str) -> None:
        """Says that a higher ballot was begun, so that the proposer need not wait for what will not come.

        "It is probably a good idea to abandon a proposal if some proposer has begun trying to issue a higher-numbered
        one"; that is for performance, and affects nothing else.
        """
        if self.nacks:
            self.tell((src,), Nack(ballot, self.promised))

    @on(Promise)
    def on_promise(self, m: Promise, src: str) -> None:
        """The proposer counts promises of its own ballot, each acceptor once: the network may duplicate."""
        if self.role is not PREPARING or m.ballot != self.ballot or src in self.promises:
            return
        report = None if m.accepted_value is None else Proposal(m.accepted_ballot, m.accepted_value)
        self.promises = {**self.promises, src: report}
        self.backing = tuple(self.promises)
        self.indicate(tell.PromiseCounted(self.ballot, src, len(self.promises), self.quorum))
        if len(self.promises) >= self.quorum:
            self.propose()

    # Phase 2 (section 2.2): the proposer proposes, the acceptors accept

    def propose(self) -> None:
        """Phase 2a: a majority has promised, so it may ask them to accept a value; which one, P2c says."""
        self.role = PROPOSING
        self.backing = ()
        self.indicate(tell.PromisesGathered(self.ballot, len(self.promises), len(self.cast.acceptors)))
        value = self.value_to_propose()
        self.proposed = value
        self.indicate(tell.ProposalIssued(self.ballot, value))
        self.wait_for_answers()
        self.tell(self.cast.acceptors, Accept(self.ballot, value))

    def value_to_propose(self) -> Value:
        """P2c: the value of the highest-numbered proposal that was reported, or its own where none was."""
        assert self.own is not None
        reports = [(acceptor, p.ballot, p.value) for acceptor, p in self.promises.items() if p is not None]
        if not reports:
            self.indicate(tell.ValueFree(self.ballot, self.own))
            return self.own
        acceptor, ballot, highest = max(reports, key=lambda report: rank(report[1]))
        first, _, value = reports[0]
        if not self.adopt_accepted and highest != self.own:
            self.indicate(tell.ReportIgnored(self.ballot, self.own, acceptor, highest))
            return self.own
        if not self.highest_accepted and value != highest:
            self.indicate(tell.ReportPickedAtWill(self.ballot, value, first, highest, ballot))
            return value
        if highest == self.own:
            self.indicate(tell.OwnValueReported(self.ballot, highest, acceptor, ballot))
        else:
            self.indicate(tell.ValueAdopted(self.ballot, highest, acceptor, ballot, self.own))
        return highest

    @on(Accept)
    def on_accept(self, m: Accept, src: str) -> None:
        """Phase 2b: an acceptor accepts unless it has promised a higher ballot (P1a), and tells the learners."""
        if self.refuses(m.ballot):
            self.indicate(tell.AcceptanceRefused(src, m.ballot, m.value, self.promised))
            self.refuse(m.ballot, src)
            return
        repeated = (m.ballot, m.value) == (self.accepted_ballot, self.accepted_value)
        promised = self.promised
        self.heed(m.ballot)
        self.accepted_ballot, self.accepted_value = m.ballot, m.value
        if repeated:
            self.indicate(tell.AcceptanceRepeated(m.ballot, m.value))
        elif rank(m.ballot) < rank(promised):
            self.indicate(tell.AcceptedAgainstPromise(src, m.ballot, m.value, promised))
        else:
            self.indicate(tell.ProposalAccepted(src, m.ballot, m.value))
        self.tell(self.cast.listeners, Accepted(m.ballot, m.value))

    # A ballot that comes to nothing (sections 2.2 and 2.4)

    @on(Nack)
    def on_nack(self, m: Nack, src: str) -> None:
        """The proposer abandons its ballot, for somebody has begun a higher one, and waits before it begins another."""
        self.hear_of(m.promised)
        if self.role not in (PREPARING, PROPOSING) or m.ballot != self.ballot:
            return
        self.role = WAITING
        self.backing = None
        self.indicate(tell.BallotAbandoned(self.ballot, src, m.promised))
        most = self.back_off_most
        self.indicate(tell.BacksOff(most // 1000, self.tries) if most else tell.DoesNotBackOff(self.tries))
        self.set_timer(RETRY, 0, most)

    @on_timer(RETRY)
    def on_retry(self) -> None:
        """The wait is over, or a majority has not answered in time; the next ballot is higher."""
        if self.role is PREPARING:
            self.indicate(tell.BallotTimedOut(self.ballot, len(self.promises), self.quorum))
        elif self.role is PROPOSING and self.proposed is not None:
            self.indicate(tell.ProposalTimedOut(self.ballot, self.proposed))
        self.begin_ballot()

    # Learning the chosen value (section 2.3)

    @on(Accepted)
    def on_accepted(self, m: Accepted, src: str) -> None:
        """A learner counts who has accepted the same proposal; what is older than what it knows of `src` says nothing."""
        known, proposal = self.heard.get(src), Proposal(m.ballot, m.value)
        if known is not None and (rank(known.ballot) > rank(m.ballot) or known == proposal):
            return
        self.heard = {**self.heard, src: proposal}
        agreeing = self.agreeing(proposal)
        if self.role is PROPOSING and m.ballot == self.ballot:
            self.backing = agreeing
        needed = self.quorum
        if self.chosen is None:
            heard = tell.AcceptanceHeard if self.in_one_ballot(agreeing) else tell.AcceptanceHeardInAnyBallot
            self.indicate(heard(src, m.ballot, m.value, len(agreeing), needed))
        if len(agreeing) < needed:
            return
        if self.chosen is None:
            self.tell_chosen(proposal, agreeing)
            self.learn(m.value)
            self.spread(m.value)
        elif self.chosen != m.value:
            self.indicate(tell.LearnedAnother(m.value, self.chosen))

    def agreeing(self, proposal: Proposal) -> tuple[str, ...]:
        """Who is known to have accepted that proposal: its value alone says nothing, in two ballots it is two proposals."""
        if self.count_one_ballot:
            return tuple(acceptor for acceptor, accepted in self.heard.items() if accepted == proposal)
        return tuple(acceptor for acceptor, accepted in self.heard.items() if accepted.value == proposal.value)

    def in_one_ballot(self, agreeing: tuple[str, ...]) -> bool:
        """Whether these have accepted one proposal, and not only one value."""
        return len({self.heard[acceptor].ballot for acceptor in agreeing}) == 1

    def tell_chosen(self, proposal: Proposal, agreeing: tuple[str, ...]) -> None:
        """What was counted, and whether that makes the value chosen: accepted by a majority in one ballot (section 2.2)."""
        acceptors = len(self.cast.acceptors)
        counted = (proposal.value, proposal.ballot, len(agreeing), acceptors)
        if not self.in_one_ballot(agreeing):
            ballots = sorted({self.heard[acceptor].ballot for acceptor in agreeing}, key=rank)
            self.indicate(tell.LearnedAcrossBallots(*counted, ", ".join(ballots)))
        elif len(agreeing) < majority(acceptors):
            self.indicate(tell.LearnedFromFewer(*counted))
        else:
            self.indicate(tell.Learned(*counted))

    def spread(self, value: Value) -> None:
        """Learners to whom acceptors speak tell those to whom they do not, proposers too."""
        cast = self.cast
        if self.id in cast.listeners:
            told = dict.fromkeys((*cast.proposers, *cast.learners))
            self.tell(tuple(node for node in told if node not in cast.listeners), Decided(value))

    @on(Decided)
    def on_decided(self, m: Decided, src: str) -> None:
        """Somebody knows what was chosen."""
        if self.chosen is None:
            self.indicate(tell.LearnedFrom(m.value, src))
            self.learn(m.value)
        elif self.chosen != m.value:
            self.indicate(tell.LearnedAnother(m.value, self.chosen))

    def learn(self, value: Value) -> None:
        """Nothing is left to be proposed: whoever waits is answered."""
        self.chosen = value
        self.role = LEARNED
        self.backing = None
        self.cancel_timer(RETRY)
        self.cancel_timer(LEARN)
        waiting, self.waiting = self.waiting, NOBODY
        for client, serial in waiting.items():
            self.answer(client, serial, value)

    def await_news(self) -> None:
        """Sets the timer for the next inquiry. One that only accepts need not know what was chosen."""
        if self.learn_interval and self.role is not ACCEPTOR:
            self.set_timer(LEARN, self.learn_interval, 2 * self.learn_interval)

    @on_timer(LEARN)
    def on_learn_timeout(self) -> None:
        """It may be that a value was chosen and the word of it was lost. A learner asks acceptors too, others learners."""
        cast = self.cast
        asked = (*cast.acceptors, *cast.learners) if self.id in cast.learners else cast.learners
        self.indicate(tell.Inquired())
        for node in dict.fromkeys(asked):
            if node != self.id:
                self.send(node, Inquire())
        self.await_news()

    @on(Inquire)
    def on_inquire(self, m: Inquire, src: str) -> None:
        """Who knows what was chosen says so; an acceptor that does not tells what it has accepted, if anything."""
        if self.chosen is not None:
            self.send(src, Decided(self.chosen))
        elif self.accepted_value is not None and src in self.cast.learners:
            self.send(src, Accepted(self.accepted_ballot, self.accepted_value))
