"""Every sentence of the sources has its place in every catalogue, is translated, and keeps its parameters and words."""

import importlib.util
import re
import sys
from functools import cache
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.test_style import ROOT

PARAMETER = re.compile(r"\{(\w+)\}")
# The table of words, where the English one has one meaning only. A key is the beginning of a word.
WORDS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "zh": {
        r"append(s|ed|ing)?\b": "追加",
        "branch": "分支",
        "candidate": "候选人",
        "client": "客户端",
        "commit": "提交",
        "crash": "崩溃",
        "delay": "延迟",
        "election": "选举",
        "entries": "日志条目",
        "entry": "日志条目",
        r"events?\b": "事件",
        "follower": "跟随者",
        "heartbeat": "心跳",
        "host": "主机",
        "leader": "领导者",
        "lesson": "课程",
        "linearizab": "线性一致",
        r"links?\b": ("链路", "分享链接"),  # between nodes; to a moment
        r"logs?\b": "日志",
        r"loss\b": "丢失",
        "majority": "多数派",
        "message": "消息",
        "node": "节点",
        "operation": "请求",
        "partition": "网络分区",
        "presenter": "主讲人",
        "propert": "性质",
        "restart": "重启",
        "room": "房间",
        "rule": "规则",
        "scenario": "场景",
        "split brain": "脑裂",
        r"terms?\b": "任期",
        "viewer": "观众",
    }
}


@cache
def update() -> ModuleType:
    """`server/translations/update.py`, which stands in no package."""
    spec = importlib.util.spec_from_file_location("update_translations", ROOT / "server" / "translations" / "update.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def sentences() -> dict[str, list[str]]:
    """Sentence -> the files where it stands."""
    return {
        identity(message.id): [name for name, _ in message.locations] for message in update().template() if message.id
    }


@cache
def catalogue(language: str) -> Catalog:
    """The committed translations."""
    with update().path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def identity(sentence: str | tuple[str, ...] | list[str]) -> str:
    """A sentence with a plural is known by its singular."""
    return sentence if isinstance(sentence, str) else sentence[0]


def pairs(language: str) -> list[tuple[str, str]]:
    """(English, translated) of every translated sentence, each plural form by itself."""
    found = []
    for message in catalogue(language):
        if message.id and message.string:
            forms = [message.string] if isinstance(message.string, str) else list(message.string)
            found += [(identity(message.id), form) for form in forms if form]
    return found


def languages() -> list[str]:
    return list(update().LANGUAGES)


def test_sentences_are_found_in_all_three_kinds_of_source() -> None:
    places = {name.split("/")[0] for names in sentences().values() for name in names}
    assert places == {"server", "templates", "static"}


@pytest.mark.parametrize("language", languages())
def test_every_sentence_is_in_the_catalogue(language: str) -> None:
    known = {identity(message.id) for message in catalogue(language)}
    missing = [f"{text!r} ({', '.join(names)})" for text, names in sentences().items() if text not in known]
    assert not missing, "run `make translations`:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", languages())
def test_every_sentence_is_translated(language: str) -> None:
    done = {english for english, _ in pairs(language)}
    unsure = {identity(message.id) for message in catalogue(language) if message.id and message.fuzzy}
    lacking = [text for text in sentences() if text not in done or text in unsure]
    assert not lacking, f"{len(lacking)} sentences:\n" + "\n".join(lacking)


@pytest.mark.parametrize("language", languages())
def test_a_translation_has_the_parameters_of_its_sentence(language: str) -> None:
    wrong = [
        f"{english!r} -> {translated!r}"
        for english, translated in pairs(language)
        if sorted(set(PARAMETER.findall(english))) != sorted(set(PARAMETER.findall(translated)))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", languages())
def test_one_word_is_always_translated_by_the_same(language: str) -> None:
    wrong = [
        f"{english!r} -> {translated!r} lacks {word}"
        for english, translated in pairs(language)
        for name, word in WORDS[language].items()
        if re.search(rf"\b{name}", PARAMETER.sub("", english), re.IGNORECASE)
        and not any(each in translated for each in ([word] if isinstance(word, str) else word))
    ]
    assert not wrong, "\n".join(wrong)
