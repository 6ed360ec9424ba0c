"""What the index proposes for a question: documents that may fit, in the order of who may see them.

It only proposes: a document may be out of sight, or fit less well than its terms promise. None is
missing that fits and is in sight.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from ..fast_reads import read
from ..work import Work
from .narrowing import NOT_NARROWED, Narrowing
from .postings import as_list, listed, postings
from .questions import Alternative, Word
from .sight import COLLEAGUES, MINE, OTHERS, SHARED, Sight
from .terms import EVERYBODY, owner_term

FEW_OWNERS = 100  # whose documents are put together; of more, rows are told apart as they are read

SHARED_DOCUMENTS = """
SELECT document FROM customer_search WHERE tenant_id = :tenant_id AND customer_id IN {ids}
"""
# A number that was given to a record which was merged into another one leads to that one.
NUMBERED = """
SELECT c.number, s.document FROM customer c JOIN customer_search s
ON s.tenant_id = c.tenant_id AND s.customer_id = coalesce(c.merged_into, c.id)
WHERE c.tenant_id = :tenant_id AND c.number IN {numbers}
"""


@dataclass(slots=True)
class Tier:
    """Documents whose customers may be this close to the asker.

    `owners`: only these owners' are, which nobody has sorted out yet.
    """

    closeness: int
    documents: BitMap
    owners: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """`everything` may fit, whether or not it is in sight; `begins` and `within` are those of it
    whose names begin with the first word, and which have it at all beside their address and tags.
    `numbered`: which document a short number leads to. `owned`: documents by the term of an owner,
    where these are few."""

    everything: BitMap
    begins: BitMap
    within: BitMap
    owned: Mapping[int, BitMap]
    numbered: Mapping[int, int]


async def propose(
    work: Work, words: Sequence[Word], sight: Sight, only: Narrowing = NOT_NARROWED
) -> Proposed:
    """Everything that may fit all words and what it is narrowed by."""
    wanted = {term for word in words for term in _terms_of(word)}
    wanted |= only.with_terms | only.without_terms
    if not words:
        wanted.add(EVERYBODY)
    groups = [{sight.me}, sight.colleagues, sight.others or ()]
    for owners in groups:
        if len(owners) <= FEW_OWNERS:
            wanted |= {owner_term(one) for one in owners if one}
    found = await postings(work, wanted)
    numbered = await _numbered(work, words)
    evaluation = _Evaluation(found)
    fitting = [_fitting(evaluation, word, numbered) for word in words]
    every = [found.get(EVERYBODY, BitMap())] if not words else [one for one, _, _ in fitting]
    every += [found.get(term, BitMap()) for term in only.with_terms]
    if only.few is not None:
        every.append(only.few)
    everything = BitMap.intersection(*sorted(every, key=len))
    for term in only.without_terms:
        everything = everything - found.get(term, BitMap())
    if not words:
        return Proposed(everything, BitMap(), everything, found, {})
    _, begins, within = fitting[0]
    return Proposed(everything, begins & everything, within & everything, found, numbered)


async def documents_of(work: Work, owners: Iterable[str | None]) -> BitMap:
    """The documents of these owners."""
    found = await postings(work, [owner_term(one) for one in owners])
    return BitMap.union(*found.values()) if found else BitMap()


async def documents_shared(work: Work, sight: Sight) -> BitMap:
    """The documents that others let the asker see."""
    if not sight.shared:
        return BitMap()
    found = await read(
        work.session,
        SHARED_DOCUMENTS.format(ids=listed(work.session, "ids", "text")),
        tenant_id=work.tenant_id,
        ids=as_list(work.session, sorted(sight.shared)),
    )
    return BitMap([document for (document,) in found])


def tiers_of(proposed: Proposed, sight: Sight, shared: BitMap) -> list[Tier]:
    """What was proposed, those first who are closest to the asker."""

    def owned_by(owners: Iterable[str]) -> BitMap:
        return BitMap().union(*(proposed.owned.get(owner_term(one), BitMap()) for one in owners))

    tiers = []
    rest = proposed.everything
    if sight.me:
        tiers.append(Tier(MINE, rest & owned_by([sight.me])))
        rest = rest - tiers[-1].documents
    tiers.append(Tier(SHARED, rest & shared))
    rest = rest - tiers[-1].documents
    for closeness, owners in ((COLLEAGUES, sight.colleagues), (OTHERS, sight.others)):
        if owners is None:
            tiers.append(Tier(closeness, rest))
        elif len(owners) > FEW_OWNERS:
            tiers.append(Tier(closeness, rest, owners))
        elif owners:
            theirs = owned_by(owners)
            tiers.append(Tier(closeness, rest & theirs))
            rest = rest - theirs
    return [tier for tier in tiers if tier.documents]


class _Evaluation:
    """Words as documents, each part of them computed once."""

    def __init__(self, found: Mapping[int, BitMap]) -> None:
        self._found = found
        self._groups: dict[tuple[int, ...], BitMap] = {}

    def group(self, terms: tuple[int, ...]) -> BitMap:
        """Those that have any of these terms."""
        known = self._groups.get(terms)
        if known is None:
            parts = [self._found[term] for term in terms if term in self._found]
            known = BitMap.union(*parts) if len(parts) > 1 else parts[0] if parts else BitMap()
            self._groups[terms] = known
        return known

    def any_of(self, alternatives: Iterable[Alternative]) -> BitMap:
        """Those that have all groups of one alternative."""
        parts = [self._all_of(one) for one in alternatives]
        return BitMap.union(*parts) if parts else BitMap()

    def _all_of(self, alternative: Alternative) -> BitMap:
        groups = sorted(map(self.group, alternative), key=len)  # the fewest first
        return BitMap.intersection(*groups) if groups[0] else groups[0]


def _fitting(
    evaluation: _Evaluation, word: Word, numbered: Mapping[int, int]
) -> tuple[BitMap, BitMap, BitMap]:
    """Those that may fit it anyhow; those whose names begin with it; those not only beside."""
    within = evaluation.any_of(word.alternatives)
    begins = evaluation.any_of(word.beginnings)
    if word.number is not None and word.number in numbered:
        number = BitMap([numbered[word.number]])
        within, begins = within | number, begins | number
    return within | evaluation.any_of(word.asides), begins, within


async def _numbered(work: Work, words: Sequence[Word]) -> dict[int, int]:
    numbers = {f"C-{word.number:06d}": word.number for word in words if word.number is not None}
    if not numbers:
        return {}
    found = await read(
        work.session,
        NUMBERED.format(numbers=listed(work.session, "numbers", "text")),
        tenant_id=work.tenant_id,
        numbers=as_list(work.session, numbers),
    )
    return {numbers[number]: document for number, document in found}


def _terms_of(word: Word) -> set[int]:
    return {
        term
        for alternatives in (word.alternatives, word.beginnings, word.asides)
        for alternative in alternatives
        for group in alternative
        for term in group
    }
