"""Whether what a message says holds: now, really, for the person, and told rather than asked."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, cached_property

from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.phrases import says

_SENTENCE_END = re.compile(r"(?<= )[.!?;](?= )")
_CLAUSE_END = re.compile(
    r"(?<= )(?:[.!?;:,()/]|mais|et|car|donc|puis|parce que|alors que|sauf que|tandis que|maintenant"
    r"|est ce que|du coup|sinon|aujourd hui|actuellement|desormais|alors|depuis que|puisque"
    r"|comme je|vu que|(?<!cas )ou)(?= )"
)
_LIGHT_WINDOW = 6
_REACH = 500  # characters looked at on each side, so that a text without a stop stays cheap


@cache
def _words(section: str) -> frozenset[str]:
    content = load("scope")[section]
    return frozenset(content.split() if isinstance(content, str) else content)


@cache
def _kin() -> tuple[dict[str, str], re.Pattern[str]]:
    genders: dict[str, str] = {}
    for gender in ("m", "f", "x"):
        for name in load("scope")[f"kin_{gender}"].split():
            genders[name.replace("-", " ")] = gender
    names = "|".join(sorted(genders, key=len, reverse=True))
    owners = "|".join(load("scope")["possessives"])
    return genders, re.compile(
        rf"(?<= )(?P<owner>{owners}) (?:(?:petit|petite|ex|futur|future|propre|meilleur|"
        rf"grand|grande|jeune) )?(?P<kin>{names})(?= )(?! (?:et|avec) moi)"
    )


class Scope:
    """The clauses of a canonical text, and what holds of each place in it."""

    def __init__(self, text: str, of_another: bool = False) -> None:
        """Read ``text``, canonical and with its numbers marked.

        ``of_another``: who writes is known to speak of the person helped as « elle » or « il ».
        """
        self.text = text
        self._of_another = of_another
        self._sentences = [0, *(m.end() for m in _SENTENCE_END.finditer(text))]
        self._clauses = [0]
        self._clause_words = [0]
        for match in _CLAUSE_END.finditer(text):
            self._clauses.append(match.start())
            self._clause_words.append(match.end())

    def clause(self, place: int) -> tuple[int, int]:
        """Return where the clause round ``place`` starts (its joining word left out) and ends."""
        index = bisect_right(self._clauses, place) - 1
        start = min(self._clause_words[index], place)
        end = self._clauses[index + 1] if index + 1 < len(self._clauses) else len(self.text)
        return max(start, place - _REACH), min(end, place + _REACH)

    def clause_text(self, place: int) -> str:
        """Return the clause round ``place``, a space at both ends."""
        start, end = self.clause(place)
        return f" {self.text[start:end].strip()} "

    def sentence(self, place: int) -> tuple[int, int]:
        """Return where the sentence round ``place`` starts and ends."""
        index = bisect_right(self._sentences, place) - 1
        end = self._sentences[index + 1] if index + 1 < len(self._sentences) else len(self.text)
        return max(self._sentences[index], place - _REACH), min(end, place + _REACH)

    def before(self, place: int) -> str:
        """Return what the clause says before ``place``, a space at both ends."""
        start, _ = self.clause(place)
        return " " + self.text[start:place].lstrip()

    def after(self, place: int) -> str:
        """Return what the clause says after ``place``, a space at both ends."""
        _, end = self.clause(max(place - 1, 0))
        return " " + self.text[place:end].lstrip()

    def negated(self, place: int) -> bool:
        """Tell whether a denial touches what starts at ``place``."""
        words = self.before(place).split()[-_LIGHT_WINDOW - 1 :]
        negators, light = _words("negators"), _words("light")
        for index in range(len(words) - 1, -1, -1):
            word = words[index]
            if word in ("pas", "plus") and index and words[index - 1] in _words("inability"):
                return False
            if word in negators:
                return not (word == "sans" and index and words[index - 1] == "pas")
            if word == "plus":
                before = words[index - 1] if index else ""
                return bool(before) and before not in _words("plus_is_more_after")
            if word not in light:
                return False
        return False

    def past(self, start: int, end: int) -> bool:
        """Tell whether what stands from ``start`` to ``end`` is over."""
        before = self.before(start)
        words = before.split()
        marks = [i for i, word in enumerate(words) if word in _words("past")]
        if marks and not any(word in _words("present") for word in words[marks[-1] + 1 :]):
            return True
        if _found("past_phrases", before):
            return True
        return _found("past_after", self.after(end))

    def hypothetical(self, start: int, end: int) -> bool:
        """Tell whether what stands from ``start`` to ``end`` is only imagined."""
        return _found("hypothetical", self.before(start) + self.text[start:end])

    def to_come(self, start: int, end: int) -> bool:
        """Tell whether what stands from ``start`` to ``end`` is wanted, offered or to come."""
        return _found("to_come", self.before(start) + self.text[start:end])

    def asked(self, start: int, end: int) -> bool:
        """Tell whether what stands from ``start`` to ``end`` is asked of us rather than told.

        In a question, or in words about the rules in general, only what the clause tells outright
        is told (« je suis en CDD, ai-je droit ? »), or stands beside a question on oneself
        (« CDD de 6 mois, ai-je droit ? »).
        """
        if _found("question_starts", self.before(start) + self.text[start:end]):
            return True
        if self.text[: self.clause(start)[0]].rstrip().endswith(" est ce que"):
            return True
        open_, close = self.sentence(start)
        sentence = " " + self.text[open_:close].lstrip()
        if not sentence.rstrip().endswith("?") and not _found("general", sentence):
            return False
        clause = self.clause_text(start)
        if _found("told", clause):
            return False
        apart = clause.strip() != sentence.strip(" .?!;") and not _found("general", clause)
        return not (apart and _found("of_oneself", sentence))

    @cached_property
    def third_voice(self) -> bool:
        """Whether the message speaks of the person helped as « elle » or « il »."""
        return self._of_another or any(word in _words("third_voice") for word in self.text.split())

    @cached_property
    def _subjects(self) -> tuple[list[int], list[bool]]:
        """Places where the subject changes, and whether it is someone else from there on."""
        genders, pattern = _kin()
        marks: list[tuple[int, bool, str]] = []
        avoid = _words("not_subject_after")
        for match in pattern.finditer(self.text):
            previous = self.text[: match.start()].rsplit(None, 1)
            word = previous[-1] if previous else ""
            relative = self.text[match.end() + 1 :].startswith(("qui ", "il ", "elle "))
            owned = (
                word in ("de", "a")
                and previous[0].rsplit(None, 1)[-1:]
                and (previous[0].rsplit(None, 1)[-1] in _words("owned"))
            )
            if word in avoid and not relative and not owned:
                continue
            place = match.end() if relative else match.start()
            gender = genders[match.group("kin")]
            marks.append((place, True, gender + ("'s" if match.group("owner") in _ITS else "")))
        for match in _SELF.finditer(self.text):
            if match.group(0) == "moi" and _OWNED_BY_ME.search(self.text, 0, match.start()):
                continue  # « une collègue à moi »
            before = self.text[max(0, match.start() - 12) : match.start()].split()[-1:]
            if match.group(0) in _words("self_nouns") and before and before[0] in avoid:
                continue  # « le fils de M. Da Costa »: he is not the subject
            marks.append((match.start(), False, match.group(0)))
        marks.sort(key=lambda mark: mark[0])
        places, others = [0], [False]
        last_kin = ""
        for place, other, word in marks:
            if other:
                # « ma fille et son mari »: his wife is not the person helped.
                last_kin = word.partition("'s")[0] if others[-1] else word
            elif word in ("il", "elle", "ils", "elles"):
                other = self._pronoun_is_other(word, last_kin, others[-1])
            places.append(place)
            others.append(other)
        return places, others

    def _pronoun_is_other(self, pronoun: str, kin: str, before: bool) -> bool:
        gender = "f" if pronoun.startswith("elle") else "m"
        kin, of_a_third, _ = kin.partition("'s")
        if of_a_third and kin != gender:
            return False  # « son mari… elle »: she is the person helped
        if kin in ("m", "f"):
            return kin == gender or not self.third_voice
        if kin == "x":
            return before
        return False

    def other(self, start: int, end: int) -> bool:
        """Tell whether what stands from ``start`` to ``end`` is said of someone else."""
        _, pattern = _kin()
        following = self.text[end : end + 30]
        owner = re.match(r" ?(?:de|pour|a) ", following)
        if owner and pattern.match(" " + following[owner.end() :], 1):
            return True
        places, others = self._subjects
        index = bisect_right(places, start) - 1
        sentence_start, _ = self.sentence(start)
        if places[index] < sentence_start:
            return False
        return others[index]


_SELF = re.compile(
    r"(?<= )(?:je|moi|nous|on|elle|il|elles|ils|"
    + "|".join(sorted(_words("self") - {"je", "moi", "nous", "on"}))
    + r")(?= )"
)


_ITS = frozenset({"son", "sa", "ses", "leur", "leurs"})
_OWNED_BY_ME = re.compile(
    r" (?:amie?s?|collegues?|copains?|copines?|potes?|cousine?s?|voisine?s?) a $"
)


def _found(section: str, text: str) -> bool:
    return says("scope", section, text)
