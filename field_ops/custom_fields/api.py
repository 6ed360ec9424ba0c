"""The routes of fields that a company defines."""

from typing import cast

from ..access import may, require
from ..access.fields import STATES
from ..access.roles import FieldLevel
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions
from .errors import (
    FieldChangedMeanwhile,
    FieldInUse,
    FieldKeyReserved,
    FieldKeyTaken,
    FieldRuleWrong,
    FieldsChangedMeanwhile,
    FieldTypeFixed,
    FormulasInCircle,
    OptionRemoved,
    TooManyFields,
)
from .fields import fields_for
from .formula import FormulaWrong
from .models import OBJECTS, FieldSet
from .queries import people_named
from .schemas import (
    FieldArchiveIn,
    FieldChangeIn,
    FieldDefinitionOut,
    FieldDefinitionsOut,
    FieldIn,
    FieldOrderIn,
    FieldOut,
    FieldsOut,
    PeopleOut,
    PeopleQuery,
    PersonOut,
)
from .sight import own_eyes
from .spec import FieldSpec, Level, Result

routes = Routes("/api/v1", tag="fields")

WRONG = (NotFound, NotAllowed, FieldRuleWrong, FormulaWrong, FormulasInCircle)


@routes.get("/fields/{of}", refusals=(NotFound, NotAllowed), scope="customers.read")
async def show_fields(work: Work, of: str) -> FieldsOut:
    """The fields that the company defined for `customer` or `contact`, as far as I see them."""
    require(work, "customers.view")
    _refuse_unknown(of)
    eyes = await own_eyes(work, of)
    shown = []
    for one in eyes.fields.present:
        levels = {state: eyes.levels[one.key, state] for state in STATES}
        if max(levels.values()) is FieldLevel.HIDDEN:
            continue
        named = {state: cast(Level, level.name) for state, level in levels.items()}
        spec = one.spec.model_copy(update={"access": {}})
        operators = sorted(one.kind.operators)
        shown.append(FieldOut(key=one.key, spec=spec, levels=named, operators=operators))
    return FieldsOut(fields=shown)


@routes.get("/fields/people", refusals=(NotAllowed,))
async def people_for_fields(work: Work, query: PeopleQuery) -> PeopleOut:
    """Members or departments that a field may name, or that whoever gives roles gives them to."""
    if not may(work, "people.roles"):
        require(work, "customers.view")
    found = await people_named(work, query.kind, query.q)
    return PeopleOut(rows=[PersonOut(id=id_, name=name) for id_, name in found])


@routes.get("/fields/{of}/all", refusals=(NotFound, NotAllowed))
async def show_definitions(work: Work, of: str) -> FieldDefinitionsOut:
    """Every field with all its rules, archived ones too."""
    require(work, actions.CONFIGURES)
    return await _all(work, of)


@routes.post(
    "/fields/{of}",
    status=201,
    refusals=(*WRONG, FieldKeyTaken, FieldKeyReserved, TooManyFields),
)
async def define_field(work: Work, of: str, body: FieldIn) -> FieldDefinitionsOut:
    """Add a field. It is there with the next request, without a restart."""
    _refuse_unknown(of)
    await actions.define(work, of, body.key, _spec(body.model_dump(exclude={"key"})))
    return await _all(work, of)


@routes.put("/fields/{of}", refusals=(NotFound, NotAllowed, FieldsChangedMeanwhile))
async def order_fields(work: Work, of: str, body: FieldOrderIn) -> FieldDefinitionsOut:
    """Put all fields in order."""
    _refuse_unknown(of)
    await actions.put_in_order(work, of, body.keys, body.version)
    return await _all(work, of)


@routes.put(
    "/fields/{of}/{key}",
    refusals=(*WRONG, FieldChangedMeanwhile, FieldTypeFixed, OptionRemoved),
)
async def redefine_field(work: Work, of: str, key: str, body: FieldChangeIn) -> FieldDefinitionsOut:
    """Change a field, unless somebody else changed it since it was read."""
    _refuse_unknown(of)
    spec = _spec(body.model_dump(exclude={"revision"}))
    await actions.redefine(work, of, key, spec, body.revision)
    return await _all(work, of)


@routes.post(
    "/fields/{of}/{key}/archive",
    refusals=(NotFound, NotAllowed, FieldChangedMeanwhile, FieldInUse, TooManyFields, FormulaWrong),
)
async def archive_field(work: Work, of: str, key: str, body: FieldArchiveIn) -> FieldDefinitionsOut:
    """Take a field out of use, or back into it. Its values stay."""
    _refuse_unknown(of)
    await actions.archive(work, of, key, body.revision, archived=body.archived)
    return await _all(work, of)


def _spec(said: dict[str, object]) -> FieldSpec:
    return FieldSpec.model_validate(said)


def _refuse_unknown(of: str) -> None:
    if of not in OBJECTS:
        raise NotFound()


async def _all(work: Work, of: str) -> FieldDefinitionsOut:
    _refuse_unknown(of)
    fields = await fields_for(work, of)
    whole = await work.session.get(FieldSet, (work.tenant_id, of))
    return FieldDefinitionsOut(
        version=fields.version,
        computing=whole is not None and whole.computed_to is not None,
        fields=[
            FieldDefinitionOut(
                key=one.key,
                spec=one.spec,
                revision=one.revision,
                is_archived=one.is_archived,
                result=cast(Result, one.type) if one.is_computed else None,
            )
            for one in fields
        ],
    )
