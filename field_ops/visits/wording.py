"""What a rep reads about where he stands, before he presses the button."""

from ..texts import Text
from . import verdict as v
from .verdict import Fix, Judgement, Place

SENTENCES = {
    v.NO_FIX: Text(
        "没有可用的定位。可以重试，或拍照后继续签到。",
        "No usable position. Try again, or take a photo and check in anyway.",
    ),
    v.WEAK: Text(
        "定位精度较低（±{accuracy} 米），请到开阔处重试，或拍照后签到。",
        "The position is only accurate to ±{accuracy} m. Try in the open, or add a photo.",
    ),
    v.VERIFIED: Text(
        "您在签到范围内，距客户约 {distance}。",
        "You are inside the radius, about {distance} from the customer.",
    ),
    v.NEAR: Text(
        "距客户约 {distance}，略超 {radius} 米范围，请写一句说明。",
        "About {distance} away, just outside {radius} m. Please say why.",
    ),
    v.OUT_OF_RANGE: Text(
        "距客户约 {distance}，超出 {radius} 米范围。确实到店请写说明并拍照。",
        "About {distance} away, outside {radius} m. If you are there, say why and take a photo.",
    ),
}
UNVERIFIED = Text(
    "客户位置还没有确认，本次签到会记录您的位置，供主管确认。",
    "The customer's place is not confirmed yet; your position will be proposed to your lead.",
)
UNVERIFIED_WITH_PLACE = Text(
    "客户位置待主管确认；距登记位置约 {distance}。",
    "The customer's place waits for your lead; you are about {distance} from it.",
)
METRES = Text("{metres:.0f} 米", "{metres:.0f} m")
KILOMETRES = Text("{kilometres:.1f} 公里", "{kilometres:.1f} km")


def of_judgement(judgement: Judgement, fix: Fix | None, place: Place | None) -> Text:
    """One sentence for the rep."""
    if judgement.verdict == v.UNVERIFIED:
        sentence = UNVERIFIED_WITH_PLACE if place is not None else UNVERIFIED
    else:
        sentence = SENTENCES[judgement.verdict]
    return sentence.filled(
        distance=distance(judgement.distance_m or 0),
        radius=judgement.radius_m,
        accuracy=round(fix.accuracy_m or 0) if fix else 0,
    )


def distance(metres: float) -> Text:
    """`860 米` below a kilometre, `1.2 公里` from there on (domain.md §1)."""
    if round(metres) < 1000:
        return METRES.filled(metres=metres)
    return KILOMETRES.filled(kilometres=metres / 1000)
