"""What `waiqin host check dingtalk` says, and about which of DingTalk's codes."""

from field_ops.texts import Text

SECRET = Text(
    "Client ID 或 Client Secret 不对（{code}）：请在开发者后台打开这个应用，"
    "从「凭证与基础信息」重新复制。",
    "The Client ID or the Client Secret is wrong ({code}): open the app in the developer console "
    "and copy both again from 凭证与基础信息.",
)
AGENT = Text(
    "AgentId 不是这个应用的（{code}）：请从「凭证与基础信息」重新复制。",
    "The AgentId belongs to another app ({code}): copy it again from 凭证与基础信息.",
)
UNTRUSTED = Text(
    "我们的出口地址 {ip} 不在应用的白名单里：请在「安全设置 → 服务器出口IP」里加上它。",
    "Our address {ip} is not in the app's list: add it under 安全设置 → 服务器出口IP.",
)
PERMISSION = Text(
    "应用缺少权限（{said}）：请在「权限管理」里开通。钉钉在新的凭证上才认，最多等两小时。",
    "The app lacks a permission ({said}): grant it under 权限管理. DingTalk honours it with the "
    "next token, within two hours.",
)
TOO_NARROW = Text(
    "应用的通讯录范围太小（{code}）：请在「权限管理 → 权限范围」里加上要使用的部门。",
    "The app may see too little of the contacts ({code}): add the departments under 权限管理 → "
    "权限范围.",
)
DISABLED = Text(
    "应用已停用（{code}）：请在钉钉管理后台的「工作台 → 应用管理」里重新启用。",
    "The app is disabled ({code}): enable it again under 工作台 → 应用管理 in the admin console.",
)
NOT_OUR_ROBOT = Text(
    "robot_code 不是这个应用的机器人（{code}）：请在「应用能力 → 机器人」里复制 RobotCode，"
    "并确认机器人已发布。",
    "robot_code is not this app's robot ({code}): copy RobotCode under 应用能力 → 机器人, and see "
    "that the robot is published.",
)
USED_UP = Text(
    "本月的 API 调用次数已用完（{code}）：请在钉钉管理后台购买，或等到下月一日。",
    "This month's API calls are used up ({code}): buy more in DingTalk's admin console, or wait "
    "for the first of next month.",
)
NO_DINGS = Text(
    "DING 的权益不足（{code}）：请在钉钉管理后台购买，或升级版本；在此之前只发普通消息。",
    "No DINGs are left ({code}): buy more in DingTalk's admin console, or a higher edition; until "
    "then only ordinary messages are sent.",
)
NO_TEMPLATE = Text(
    "卡片模板不存在、未发布，或没有关联这个应用（{code}）：请在卡片平台核对模板 ID。",
    "The card template does not exist, is not published, or is not linked to this app ({code}): "
    "compare its id in the card platform.",
)
TEMPLATE = Text(
    "卡片模板用不了（{code}）：请对照说明检查模板的变量。",
    "The card template cannot be used ({code}): compare its variables with the README.",
)
ROBOT = Text("机器人可用。", "The robot can be used.")
NO_ROBOT = Text(
    "没有设置 robot_code：消息以工作通知发送，不能发到群里。",
    "robot_code is not set: messages go as work notices, and none into groups.",
)
CARDS = Text("卡片模板可用，卡片可以更新。", "The card template works; cards can be revised.")
NO_CARDS = Text(
    "没有设置卡片模板（card_template_id）：卡片照常发送，但按过按钮后不会变。",
    "No card template is set (card_template_id): cards are sent all the same, but do not change "
    "once a button was pressed.",
)
BY_STREAM = Text(
    "可以建立 Stream 连接。请在开发者后台把「事件订阅」和机器人的消息接收都选为 Stream 模式。",
    "A Stream connection can be opened. In the developer console, choose Stream mode for the event "
    "subscription and for the robot's messages.",
)
NO_WAY = Text(
    "收不到钉钉的事件：请把 stream 设为 1，或者填写 callback_token 和 callback_aes_key。",
    "DingTalk's events have no way to us: set stream to 1, or callback_token and callback_aes_key.",
)
REACHED = Text("{url} 收得到回调。", "{url} takes callbacks.")
NOT_REACHED = Text(
    "{url} 收不到回调（{why}）：请确认外勤正在运行、域名能从外网访问、反向代理没有改动地址。"
    "没有公网地址时，请改用 Stream 模式。",
    "{url} does not take callbacks ({why}): see that Waiqin runs, that the name is reached from "
    "outside, and that no proxy changes the address. Without a public address, use Stream mode.",
)

EXPLAINED: dict[str, Text] = {
    **dict.fromkeys(
        (
            "40089", "40096", "authFailed", "invalidClientIdOrSecret", "invalid.client",
            "unauthorized.client",
        ),
        SECRET,
    ),
    "40056": AGENT,
    **dict.fromkeys(("60020", "Forbidden.AccessDenied.IpNotInWhiteList"), UNTRUSTED),
    **dict.fromkeys(("60011", "Forbidden.AccessDenied.AccessTokenPermissionDenied"), PERMISSION),
    **dict.fromkeys(("50002", "50004", "60019"), TOO_NARROW),
    "50003": DISABLED,
    "ding.serverquota.insufficient": NO_DINGS,
    **dict.fromkeys(
        (
            "invalidParameter.robotCode.auth", "invalidParameter.robotCode.notExsit",
            "invalidParameter.robotCode.empty",
        ),
        NOT_OUR_ROBOT,
    ),
    **dict.fromkeys(("90020", "Forbidden.AccessDenied.ApiCountLimitForOrg"), USED_UP),
    **dict.fromkeys(("param.templateNotExist", "param.templateUnpublished"), NO_TEMPLATE),
}  # fmt: skip
