"""Refusals of the customers domain."""

from ..errors import Conflict, Invalid, NotAllowed
from ..texts import Text


class PhoneOrLocationMissing(Invalid):
    sentence = Text(
        "还差电话或位置：新建客户「{name}」至少要填其中一项。",
        "A phone or a location is missing: “{name}” needs at least one of them.",
    )


class PhoneMissing(Invalid):
    sentence = Text(
        "还差电话：个人客户「{name}」要填电话。",
        "The phone is missing: “{name}” is a person and needs one.",
    )


class NameMissing(Invalid):
    sentence = Text(
        "还差名称：请填写客户名称。",
        "The name is missing: please enter the customer's name.",
    )


class PhoneUnreadable(Invalid):
    sentence = Text(
        "电话「{phone}」看不懂，请检查位数；座机请带区号，如 027-85551234。",
        "The phone “{phone}” cannot be read. Check its digits; land lines need an area code.",
    )


class SameCustomer(Conflict):
    """Somebody is already there, and the asker may see him."""

    sentence = Text(
        "客户「{name}」（{number}）已存在，负责人{owner}，请直接使用，不必新建。",
        "“{name}” ({number}) already exists, owned by {owner}. Please use that record.",
    )


class SamePhone(Conflict):
    sentence = Text(
        "电话 {phone} 已登记在客户「{name}」（{number}）名下，负责人{owner}。",
        "The phone {phone} already belongs to “{name}” ({number}), owned by {owner}.",
    )


class SameCompanyHere(Conflict):
    """The same name without place and legal form, in the same city."""

    sentence = Text(
        "同城已有「{name}」（{number}），负责人{owner}。如果这是它的分店，请选「这是分店」再保存。",
        "“{name}” ({number}), owned by {owner}, is in the same city already. "
        "If this is a branch of it, say so and save again.",
    )


class LooksLikeAnother(Conflict):
    """Nothing is certain: whoever creates it must say that it is another one.

    Facts: `suspects`, as `POST /customers/suspects` shows them.
    """

    sentence = Text(
        "和已有的「{name}」很像，请先核对；确实不是同一家，再选「仍要新建」。",
        "It looks like “{name}”, which is there already. Compare them first, "
        "and create it only if it is another one.",
    )


class CreditCodeWrong(Invalid):
    sentence = Text(
        "统一社会信用代码「{code}」不对，请核对 18 位字符。",
        "The credit code “{code}” is not right. Please check its 18 characters.",
    )


class BranchOfNobody(Invalid):
    sentence = Text(
        "没有找到总店，请重新选择。",
        "The company that it is a branch of was not found. Choose it again.",
    )


class OtherNotFound(Invalid):
    sentence = Text(
        "没有找到要关联的客户，请重新选择。",
        "The other customer was not found. Choose it again.",
    )


class RelatedToItself(Invalid):
    sentence = Text(
        "不能和自己建立关系，请另选一家客户。",
        "A customer cannot be related to itself. Choose another one.",
    )


class RelatedInACircle(Conflict):
    """It would stand above itself, maybe through customers that neither names."""

    sentence = Text(
        "这样会让「{name}」成为自己的上级，请先解除原有的上下级关系。",
        "“{name}” would stand above itself. End the relation that is there first.",
    )


class ReportsToStranger(Invalid):
    sentence = Text(
        "上级要从同一家客户的联系人里选，请重新选择。",
        "He can report to somebody of the same customer only. Choose again.",
    )


class ReportsInACircle(Conflict):
    sentence = Text(
        "这样「{name}」会成为自己的上级，请另选一位。",
        "“{name}” would report to himself. Choose somebody else.",
    )


class LevelReasonNeeded(Invalid):
    sentence = Text(
        "「{name}」从 {before} 级直接改到 {after} 级，请写明原因。",
        "“{name}” goes from level {before} to {after} at once. Please say why.",
    )


class SomeoneElsesCustomer(Conflict):
    """Somebody is already there, and the asker may not see more than this."""

    sentence = Text(
        "公司里已有客户「{name}」，由{department}的同事负责。请联系主管申请协作。",
        (
            "“{name}” is already a customer of a colleague in {department}. "
            "Ask your team lead to share it."
        ),
    )


class ChangedMeanwhile(Conflict):
    sentence = Text(
        "「{name}」刚被别人改过，请刷新后再改，以免覆盖。",
        "“{name}” was changed by somebody else just now. Reload it, then edit again.",
    )


class OnlyReading(NotAllowed):
    sentence = Text(
        "您可以查看「{name}」，但不能修改。请联系负责人{owner}。",
        "You may see “{name}” and not change it. Ask its owner, {owner}.",
    )


class NothingToConfirm(Conflict):
    sentence = Text(
        "「{name}」的这个位置已处理过，请刷新后查看最新位置。",
        "This place of “{name}” was dealt with already. Reload to see the present one.",
    )


class NoEarlierPlace(Conflict):
    sentence = Text(
        "「{name}」的这个位置没有可以退回的前一个位置，或已被更换，请刷新后再看。",
        "There is no earlier place of “{name}” to go back to, or it was replaced meanwhile. "
        "Reload to see the present one.",
    )


class OwnerUnknown(Invalid):
    sentence = Text(
        "选中的负责人不存在或已离职，请重新选择在职成员。",
        "The chosen owner does not exist or has left. Choose somebody who is active.",
    )


class TooManyContacts(Conflict):
    sentence = Text(
        "「{name}」已有 {limit} 位联系人，请先删除不再联系的人。",
        "“{name}” has {limit} contacts already. Remove one first.",
    )


class NobodysCustomer(Conflict):
    """As `SomeoneElsesCustomer`, without an owner."""

    sentence = Text(
        "公司里已有客户「{name}」，暂无负责人。请联系主管分配给您。",
        "“{name}” is already a customer without an owner. Ask your team lead to assign it.",
    )


class FieldNotYours(NotAllowed):
    """Facts: `field`, as the API calls it."""

    sentence = Text(
        "您的角色不能修改这一项，请让负责人或管理员修改。",
        "Your role may not change this field. Ask the owner or an administrator.",
    )
