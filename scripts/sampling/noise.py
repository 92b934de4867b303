"""The situations of the sample: how a firm, its awards and the recipients relate, each with a name and a share.

A situation is a function of the inventor that returns a `Case`. `SITUATIONS` lists them all; whatever
the size of the sample, each occurs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sampling.identity import Inventor, Recipient

FPDS_NAME_LENGTH = 30


@dataclass
class Case:
    """A firm as its awards show it, and what the recipient file knows of it.

    Attributes:
        name: company name on the awards.
        city, state, zip5: place on the awards.
        true: the recipient the firm is; None where the file has none.
        others: further recipients in the file: homonyms, twins, parents.
        award_uei, award_duns: what the awards give; empty for none.
        identified_awards: how many of the awards give these identifiers; None for all.
        numbered: the recipient that prime awards name for the awards' contract numbers, None for no such prime awards.
        is_order: whether the contract numbers are order numbers below a parent contract.
        years: first and last possible award year.
        awards: a fixed number of awards; None for any.
    """

    name: str
    city: str = ""
    state: str = ""
    zip5: str = ""
    true: Recipient | None = None
    others: list[Recipient] = field(default_factory=list)
    award_uei: str = ""
    award_duns: str = ""
    identified_awards: int | None = None
    numbered: Recipient | None = None
    is_order: bool = False
    years: tuple[int, int] = (1995, 2024)
    awards: int | None = None

    @property
    def known(self) -> Recipient:
        """The true recipient, in a situation that has one."""
        if self.true is None:
            raise LookupError("this firm has no recipient in the file")
        return self.true


def located(case: Case, recipient: Recipient) -> Case:
    """The case with the firm's awards at the recipient's place."""
    case.city, case.state, case.zip5 = recipient.city, recipient.state, recipient.zip5
    return case


def linked(inventor: Inventor, award_name: str, recipient_name: str) -> Case:
    """A firm without identifiers on its awards, and its recipient under another spelling."""
    true = inventor.recipient(inventor.designated(recipient_name), uei=True)
    return located(Case(inventor.designated(award_name), true=true), true)


def uei_given(inventor: Inventor) -> Case:
    """Newer awards give the recipient's UEI."""
    case = linked(inventor, name := inventor.name(), name)
    case.award_uei, case.years = case.known.uei, (2015, 2024)
    return case


def duns_given(inventor: Inventor) -> Case:
    """Older awards give the recipient's DUNS."""
    name = inventor.name()
    true = inventor.recipient(inventor.designated(name), uei=inventor.random.random() < 0.5, duns=True)
    return located(Case(inventor.designated(name), true=true, award_duns=true.duns, years=(1998, 2021)), true)


def both_given(inventor: Inventor) -> Case:
    """Awards give both identifiers of the recipient."""
    case = duns_given(inventor)
    case.known.uei = case.known.uei or inventor.uei()
    case.award_uei, case.years = case.known.uei, (2016, 2024)
    return case


def renamed_with_number(inventor: Inventor) -> Case:
    """The firm was renamed; only the award numbers lead to its recipient."""
    case = linked(inventor, inventor.name(), inventor.name())
    case.numbered = case.true
    return case


def renamed_with_order(inventor: Inventor) -> Case:
    """Likewise, with order numbers that count only with their parent contract."""
    case = renamed_with_number(inventor)
    case.is_order = True
    return case


def renamed_partly_identified(inventor: Inventor) -> Case:
    """The firm was renamed; one of its awards gives the UEI, the others nothing."""
    case = linked(inventor, inventor.name(), inventor.name())
    case.award_uei, case.identified_awards, case.awards = case.known.uei, 1, 4
    case.years = (2015, 2024)
    return case


def same_name(inventor: Inventor) -> Case:
    """Without identifiers, under the same name but for the legal designator."""
    return linked(inventor, name := inventor.name(), name)


def same_name_of_bare_recipient(inventor: Inventor) -> Case:
    """Likewise, and the recipient too has a name only."""
    name = inventor.name(2)
    true = inventor.recipient(name)
    return located(Case(inventor.designated(name), true=true), true)


def ampersand(inventor: Inventor) -> Case:
    """`&` on the award, AND at the recipient."""
    stem, word = inventor.stem(), inventor.field_word()
    return linked(inventor, f"{stem} & {word}", f"{stem} AND {word}")


def dotted_initials(inventor: Inventor) -> Case:
    """Dotted initials on the award, joined ones at the recipient."""
    first, second = inventor.random.choices("BCDFGHJKLMNPRSTVW", k=2)
    rest = inventor.name(1)
    return linked(inventor, f"{first}. {second}. {rest}", f"{first}{second} {rest}")


def alternate_name(inventor: Inventor) -> Case:
    """The award uses one of the recipient's alternate names."""
    name = inventor.name(1)
    true = inventor.recipient(inventor.designated(inventor.name()), uei=True)
    true.alternate_names = [inventor.designated(name).upper(), inventor.designated(inventor.name()).upper()]
    return located(Case(inventor.designated(name), true=true), true)


def doing_business_as(inventor: Inventor) -> Case:
    """The award adds a trade name after `dba`."""
    name = inventor.name(1)
    return linked(inventor, f"{name} Inc. dba {inventor.name(1)}", name)


def homonym_in_other_state(inventor: Inventor) -> Case:
    """Two recipients of the name; the state tells them apart."""
    case = same_name(inventor)
    other = inventor.recipient(case.known.name, uei=True)
    while other.state == case.known.state:
        other.city, other.state, other.zip5 = inventor.place()
    case.others = [other]
    return case


def homonym_in_other_zip(inventor: Inventor) -> Case:
    """Two recipients of the name in one state; the ZIP code tells them apart."""
    case = same_name(inventor)
    other = inventor.recipient(case.known.name, uei=True)
    other.state, other.zip5 = case.known.state, f"{(int(case.known.zip5) + 7) % 100_000:05d}"
    case.others = [other]
    return case


def indistinct_homonyms(inventor: Inventor) -> Case:
    """Two recipients of the name in one place: one firm under two identifiers, as far as anybody can tell."""
    case = same_name(inventor)
    other = inventor.recipient(case.known.name, uei=True)
    other.city, other.state, other.zip5 = case.known.city, case.known.state, case.known.zip5
    case.others = [other]
    return case


def cut_name(inventor: Inventor) -> Case:
    """The recipient's name is cut at 30 characters, inside a word."""
    name = f"{inventor.stem()} {inventor.stem()} {inventor.field_word()}"
    while len(name) < FPDS_NAME_LENGTH + 3 or name[FPDS_NAME_LENGTH - 1] == " " or name[FPDS_NAME_LENGTH] == " ":
        name = f"{name} {inventor.field_word()}"
        if len(name) > 2 * FPDS_NAME_LENGTH:
            name = f"{inventor.stem()} {inventor.stem()}"
    case = linked(inventor, name, name)
    case.known.name = name.upper()[:FPDS_NAME_LENGTH]
    return case


def plural(inventor: Inventor) -> Case:
    """Singular on the award, plural at the recipient."""
    stem = inventor.stem()
    return linked(inventor, f"{stem} SYSTEM", f"{stem} SYSTEMS")


def joined_words(inventor: Inventor) -> Case:
    """Two words on the award, written together at the recipient."""
    first, second = inventor.stem(), inventor.stem()
    return linked(inventor, f"{first} {second}", f"{first}{second}")


def word_order(inventor: Inventor) -> Case:
    """The words of the name in another order."""
    stem, word = inventor.stem(), inventor.field_word()
    return linked(inventor, f"{word} {stem}", f"{stem} {word}")


def typo_in_long_word(inventor: Inventor) -> Case:
    """A letter is missing in a long rare word."""
    stem = inventor.stem() + inventor.stem()
    position = inventor.random.randrange(3, len(stem) - 3)
    return linked(inventor, stem[:position] + stem[position + 1 :], stem)


def extra_word(inventor: Inventor) -> Case:
    """The recipient's name has a word more, such as any firm may add to its own."""
    name = f"{inventor.stem()} {inventor.stem()}"
    return linked(inventor, name, f"{name} {inventor.random.choice(('GROUP', 'DATA', 'LABS'))}")


# How the same name is written elsewhere.
SPELLINGS = (ampersand, dotted_initials, cut_name, plural, joined_words, typo_in_long_word, extra_word)


def identified_under_other_spelling(inventor: Inventor) -> Case:
    """The awards give the recipient's UEI and spell its name otherwise: what a name rule makes of it can be judged."""
    case = inventor.random.choice(SPELLINGS)(inventor)
    case.award_uei, case.years = case.known.uei, (2015, 2024)
    return case


def near_twin_only(inventor: Inventor) -> Case:
    """The firm has no recipient, but another firm's name is one letter away."""
    stem = inventor.stem()
    twin = inventor.recipient(inventor.designated(f"{stem[:-1]}{'X' if stem[-1] != 'X' else 'N'} RESEARCH"), uei=True)
    return located(Case(inventor.designated(f"{stem} RESEARCH"), others=[twin]), twin)


def near_tie(inventor: Inventor) -> Case:
    """Two recipients of different names come equally close."""
    stem = inventor.stem() + inventor.stem()
    case = linked(inventor, f"{stem} SYSTEM", f"{stem} SYSTEMS")
    rival = inventor.recipient(f"{stem}SYSTEM INC", uei=True)
    rival.city, rival.state, rival.zip5 = case.known.city, case.known.state, case.known.zip5
    case.others = [rival]
    return case


def renamed(inventor: Inventor) -> Case:
    """The firm was renamed and nothing leads to its recipient."""
    return linked(inventor, inventor.name(), inventor.name())


def unlisted(inventor: Inventor) -> Case:
    """The firm is not among the recipients."""
    city, state, zip5 = inventor.place()
    return Case(inventor.designated(inventor.name(1)), city, state, zip5, years=(2008, 2024))


def unlisted_and_old(inventor: Inventor) -> Case:
    """Likewise, and its last award is older than USAspending's data."""
    case = unlisted(inventor)
    case.years = (1983, 2006)
    return case


def unlisted_identifier(inventor: Inventor) -> Case:
    """The awards give a DUNS that no recipient has."""
    case = unlisted(inventor)
    case.award_duns = inventor.duns()
    return case


def special_name(inventor: Inventor) -> Case:
    """The award names nobody in particular."""
    name = inventor.random.choice(("MULTIPLE RECIPIENTS", "REDACTED DUE TO PII", "", "X", "1"))
    return Case(name, awards=1)


def related_conflict(inventor: Inventor) -> Case:
    """UEI and DUNS lead to two recipients of one parent."""
    case = uei_given(inventor)
    sister = inventor.recipient(inventor.designated(inventor.name()), duns=True, uei=True)
    case.known.parent_uei = sister.parent_uei = inventor.uei()
    case.known.parent_name = sister.parent_name = f"{inventor.stem()} HOLDINGS"
    case.others, case.award_duns = [sister], sister.duns
    return case


def unrelated_conflict(inventor: Inventor) -> Case:
    """UEI and DUNS lead to strangers."""
    case = uei_given(inventor)
    stranger = inventor.recipient(inventor.designated(inventor.name()), duns=True)
    case.others, case.award_duns = [stranger], stranger.duns
    return case


def number_conflict(inventor: Inventor) -> Case:
    """The prime award names a successor that shares nothing with the firm."""
    case = uei_given(inventor)
    successor = inventor.recipient(inventor.designated(inventor.name()), uei=True)
    case.others, case.numbered, case.awards = [successor], successor, 1
    return case


def shared_duns(inventor: Inventor) -> Case:
    """Two recipients have the DUNS; the name tells them apart."""
    case = duns_given(inventor)
    other = inventor.recipient(inventor.designated(inventor.name()))
    other.duns, other.uei = case.award_duns, inventor.uei()
    case.others = [other]
    return case


# Each situation and its share of the firms. About 17 % of the awards have no valid identifier, as in the real file.
SITUATIONS: dict[Callable[[Inventor], Case], float] = {
    uei_given: 0.24,
    duns_given: 0.26,
    both_given: 0.17,
    identified_under_other_spelling: 0.05,
    renamed_with_number: 0.02,
    renamed_with_order: 0.005,
    renamed_partly_identified: 0.01,
    same_name: 0.045,
    same_name_of_bare_recipient: 0.01,
    ampersand: 0.004,
    dotted_initials: 0.004,
    alternate_name: 0.004,
    doing_business_as: 0.003,
    homonym_in_other_state: 0.008,
    homonym_in_other_zip: 0.004,
    indistinct_homonyms: 0.004,
    cut_name: 0.008,
    plural: 0.005,
    joined_words: 0.004,
    word_order: 0.003,
    typo_in_long_word: 0.005,
    extra_word: 0.004,
    near_twin_only: 0.005,
    near_tie: 0.003,
    renamed: 0.008,
    unlisted: 0.012,
    unlisted_and_old: 0.018,
    unlisted_identifier: 0.06,
    special_name: 0.004,
    related_conflict: 0.005,
    unrelated_conflict: 0.005,
    number_conflict: 0.005,
    shared_duns: 0.005,
}
