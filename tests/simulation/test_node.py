"""How a program is declared: what is forgotten fails when its class is made, and not on stage."""

import pickle
from typing import Any

import pytest

from server.simulation import Log, Node, choice, durable, on, on_timer, param, rule, value, volatile
from server.simulation.node import Settings


@value
class Hello:
    number: int


@value
class Bye:
    number: int


class Greeter(Node):
    messages = (Hello,)

    patience: int = param(5, 1, 9, "count", "Patience", "How long.")
    polite: bool = rule("Polite", "It answers.", cites="nowhere")

    greeted: int = durable(0, "greeted", "How often.")
    secret: str = durable("none", "secret", "Kept only if polite.", unless="polite")
    mood: str = volatile("calm", "mood", "Now.")
    log: Log[int] = volatile(Log(), "log", "All numbers.")

    @on(Hello)
    def on_hello(self, m: Hello, src: str) -> None:
        self.greeted += 1
        self.log = self.log.append(m.number)
        self.send(src, Bye(m.number))

    @on_timer("nap")
    def on_nap(self) -> None:
        self.mood = "asleep"


def greeter(*, polite: bool = True) -> Greeter:
    return Greeter("n1", ("n2", "n3"), Settings({"patience": 5}, {"polite": polite}))


def test_a_message_without_a_handler_fails_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="no handler for Bye"):

        class Forgetful(Node):
            messages = (Hello, Bye)

            @on(Hello)
            def on_hello(self, m: Hello, src: str) -> None:
                self.broadcast(m)


def test_a_handler_without_a_message_fails_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="Bye"):

        class Eager(Greeter):
            @on(Bye)
            def on_bye(self, m: Bye, src: str) -> None:
                self.broadcast(m)


def test_a_field_that_depends_on_a_rule_that_is_none_fails_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="manners"):

        class Rude(Node):
            kept: int = durable(0, "kept", "Kept.", unless="manners")


def test_declarations_are_collected_in_their_order_and_inherited() -> None:
    class Loud(Greeter):
        volume: int = volatile(11, "volume", "How loud.")

    assert list(Loud.fields) == ["greeted", "secret", "mood", "log", "volume"]
    assert list(Greeter.fields) == ["greeted", "secret", "mood", "log"]
    assert list(Loud.params) == ["patience"]
    assert list(Loud.rules) == ["polite"]
    assert Loud.timer_handlers == Greeter.timer_handlers


def test_tunables_and_rules_are_read_from_the_settings_of_the_run() -> None:
    node = greeter(polite=False)
    assert (node.patience, node.polite) == (5, False)
    node.settings.polite = True  # type: ignore[attr-defined]
    assert node.polite is True


def test_the_effects_of_a_handler_are_data() -> None:
    node = greeter()
    node.step(Hello(4), "n2")
    node.broadcast(Hello(5))
    node.set_timer("nap", 10, 20)
    node.set_timer("nap", 30)
    node.cancel_timer("nap")
    node.indicate("something")
    assert node.sends == [("n2", Bye(4)), ("n2", Hello(5)), ("n3", Hello(5))]
    assert node.timings == [("nap", 10, 20), ("nap", 30, 30), ("nap", -1, -1)]
    assert node.indicated == ["something"]


@pytest.mark.parametrize(
    ("polite", "disk_kept", "left"),
    [
        (True, True, (3, "shh", "calm")),
        (False, True, (3, "none", "calm")),
        (True, False, (0, "none", "calm")),
    ],
)
def test_a_crash_leaves_what_is_durable_unless_a_rule_or_the_disk_is_gone(
    polite: bool, disk_kept: bool, left: tuple[Any, ...]
) -> None:
    node = greeter(polite=polite)
    node.greeted, node.secret, node.mood = 3, "shh", "angry"
    node.log = Log([1, 2])
    node.crash(disk_kept=disk_kept)
    assert (node.greeted, node.secret, node.mood) == left
    assert list(node.log) == []
    assert list(node.__dict__) == list(Greeter.fields), "the order of the fields is that of every snapshot"


def test_a_snapshot_is_the_values_of_the_fields_and_stays_as_it_was() -> None:
    node = greeter()
    before = node.snapshot()
    node.step(Hello(1), "n2")
    assert before == (0, "none", "calm", Log())
    assert node.snapshot() == (1, "none", "calm", Log([1]))


def test_a_node_survives_pickling_with_its_fields_and_nothing_pending() -> None:
    node = greeter()
    node.step(Hello(1), "n2")
    twin = pickle.loads(pickle.dumps(node))
    assert (twin.id, twin.peers, twin.snapshot()) == (node.id, node.peers, node.snapshot())
    twin.step(Hello(2), "n3")
    assert len(node.log) == 1


def test_a_choice_is_one_of_its_words_and_a_number_within_its_bounds() -> None:
    taste = choice("sweet", {"sweet": "Sweet", "sour": "Sour"}, "Taste", "How it tastes.")
    assert [taste.takes(given) for given in ("sweet", "sour", "salty", 0, True)] == [True, True, False, False, False]
    size = param(2, 1, 3, "count", "Size", "How large it is.")
    assert [size.takes(given) for given in (1, 3, 0, 4, True, "2", 2.0)] == [
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]
    switch = param(True, False, True, "switch", "Switch", "Whether it is on.")
    assert [switch.takes(given) for given in (True, False, 1, "on")] == [True, True, False, False]
    with pytest.raises(ValueError, match="salty"):
        choice("salty", {"sweet": "Sweet"}, "Taste", "How it tastes.")


def test_a_draw_depends_on_its_address_alone() -> None:
    def drawn(seed: int, node: str, name: str) -> list[int]:
        greeter = Greeter(node, (), Settings({}, {}, seed))
        return [greeter.draw(name, index, 1, 1_000_000) for index in range(4)]

    numbers = drawn(7, "n1", "number")
    assert numbers == drawn(7, "n1", "number")
    assert len({*numbers, *drawn(8, "n1", "number"), *drawn(7, "n2", "number"), *drawn(7, "n1", "peer")}) == 16
    assert all(1 <= number <= 1_000_000 for number in numbers)
    later_first = Greeter("n1", (), Settings({}, {}, 7))
    assert [later_first.draw("number", index, 1, 1_000_000) for index in (3, 0)] == [numbers[3], numbers[0]]
