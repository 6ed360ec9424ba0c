"""Refusals about roles."""

from ..errors import Conflict, Invalid
from ..texts import Text


class RoleIsBuiltIn(Conflict):
    sentence = Text(
        "「{role}」是内置角色，不能修改或删除。请新建一个角色。",
        "“{role}” is built in and cannot be changed or removed. Make a role of your own.",
    )


class RoleHeld(Conflict):
    sentence = Text(
        "还有 {count} 人是「{title}」，请先收回这个角色再删除。",
        "{count} member(s) still have the role “{title}”. Take it from them first.",
    )


class DepartmentUnknown(Invalid):
    sentence = Text(
        "有部门不存在或已删除，请重新选择。",
        "A department is not there any more. Please choose again.",
    )


class LastAdministrator(Conflict):
    sentence = Text(
        "公司里要有一位在职成员能分配角色。请先把管理员角色给另一位同事。",
        "Somebody who is active must be able to give roles. Give the administrator's role to "
        "a colleague first.",
    )
