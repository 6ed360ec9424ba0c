"""That the pretend WeCom is as pedantic as its documentation, whoever calls it."""

import pytest

from field_ops.host.messages import Notice
from field_ops.host.platform import Recipient
from tests.integrations.host_contract import A_CARD
from tests.integrations.wecom.conftest import BASE

CARD = {"card_type": "text_notice", "main_title": {"title": "华联"}}
ACTION = {"type": 1, "url": "https://waiqin.example/"}
BUTTON = {"text": "好", "key": "好"}
INTERACTIVE = {
    "card_type": "button_interaction",
    "main_title": {"title": "华联"},
    "task_id": "t-1",
    "button_list": [BUTTON],
}


async def test_a_fresh_token_is_given_again(phone, clock):
    first = await phone.token()
    assert first["expires_in"] == 7200
    assert await phone.token() == first
    clock.ahead_s = 7200
    assert (await phone.token())["access_token"] != first["access_token"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"corpsecret": "wrong"}, 40001),
        ({"corpid": "wwOther"}, 40013),
        ({"corpid": ""}, 41002),
        ({"corpsecret": ""}, 41004),
    ],
)
async def test_a_wrong_secret_gets_no_token(phone, changed, code):
    said = await phone.token(**changed)
    assert said["errcode"] == code
    assert "more info at https://open.work.weixin.qq.com/devtool/query?e=" in said["errmsg"]


async def test_a_call_needs_a_living_token(phone, clock):
    assert (await phone.get("user/get", access_token=""))["errcode"] == 41001
    assert (await phone.get("user/get", access_token="made-up"))["errcode"] == 40014
    old = (await phone.token())["access_token"]
    clock.ahead_s = 7201
    assert (await phone.get("user/get", access_token=old))["errcode"] == 42001


@pytest.mark.parametrize(
    ("msgtype", "content", "code"),
    [
        ("text", {"content": ""}, 44004),
        ("text", {"content": "汉" * 683}, 45002),
        ("text", "早上好", 40058),
        ("markdown", {"content": "a" * 2049}, 45002),
        ("image", {"media_id": "M"}, 40007),
        ("carrier_pigeon", {}, 40008),
        ("textcard", {"title": "t", "description": "d", "url": "waiqin.example"}, 45034),
        ("template_card", {**CARD, "card_type": "poster"}, 42031),
        ("template_card", {"card_type": "text_notice", "card_action": ACTION}, 42033),
        ("template_card", CARD, 42045),
        ("template_card", {**CARD, "card_action": {"type": 1}}, 42028),
        ("template_card", {**CARD, "card_action": {"type": 1, "url": "/h5/"}}, 45034),
        ("template_card", {**CARD, "card_action": ACTION, "task_id": "有空格"}, 42014),
        (
            "template_card",
            {**CARD, "card_action": ACTION, "jump_list": [{"title": "x"}] * 4},
            42037,
        ),
        ("template_card", {**CARD, "card_action": ACTION, "jump_list": [{"type": 1}]}, 42042),
        (
            "template_card",
            {**CARD, "card_action": ACTION, "horizontal_content_list": [{"keyname": "x"}] * 7},
            42035,
        ),
        ("template_card", {**INTERACTIVE, "task_id": ""}, 42014),
        ("template_card", {**INTERACTIVE, "button_list": []}, 42036),
        ("template_card", {**INTERACTIVE, "button_list": [{"key": "k"}]}, 42038),
        ("template_card", {**INTERACTIVE, "button_list": [{"text": "t"}]}, 42039),
        (
            "template_card",
            {**INTERACTIVE, "button_list": [{"text": "t", "key": "k" * 1025}]},
            42039,
        ),
        ("template_card", {**INTERACTIVE, "button_list": [BUTTON, BUTTON]}, 42051),
    ],
)
async def test_what_wecom_would_refuse_is_refused(phone, msgtype, content, code):
    assert (await phone.send(msgtype, content))["errcode"] == code
    assert phone.heard == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"agentid": 1000003}, 301002),
        ({"agentid": "mine"}, 40056),
        ({"touser": ""}, 82001),
        ({"touser": "Nobody"}, 81013),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 40031),
    ],
)
async def test_a_message_needs_its_app_and_its_receivers(phone, changed, code):
    assert (await phone.send("text", {"content": "早上好"}, **changed))["errcode"] == code


async def test_unknown_receivers_are_named_in_small_letters(phone):
    said = await phone.send("text", {"content": "早上好"}, touser="LiLei|Nobody")
    assert (said["errcode"], said["invaliduser"]) == (0, "nobody")
    assert phone.heard == ["早上好"]


async def test_a_department_is_reached(phone):
    await phone.send("text", {"content": "开会"}, touser="", toparty="5")
    assert phone.heard == ["开会"]


async def test_an_interactive_card_needs_a_callback_address(phone):
    phone.simulator.company.app.callback_url = ""
    assert (await phone.send("template_card", INTERACTIVE))["errcode"] == 43012


async def test_a_task_id_is_good_for_one_card(phone):
    assert (await phone.send("template_card", INTERACTIVE))["response_code"]
    assert (await phone.send("template_card", INTERACTIVE))["errcode"] == 42014


async def test_the_duplicate_check_forgets_after_its_interval(phone, clock):
    content, asked = {"content": "早上好"}, {"enable_duplicate_check": 1}
    for _ in range(3):
        await phone.send("text", content, **asked, duplicate_check_interval=600)
    clock.ahead_s = 601
    await phone.send("text", content, **asked, duplicate_check_interval=600)
    assert phone.heard == ["早上好"] * 2


async def test_above_thirty_a_minute_it_says_ok_and_drops(phone, clock):
    answers = [await phone.send("text", {"content": str(n)}) for n in range(31)]
    assert {said["errcode"] for said in answers} == {0}
    assert len(phone.heard) == 30
    clock.ahead_s = 61
    await phone.send("text", {"content": "later"})
    assert phone.heard[-1] == "later"


async def test_a_dropped_message_is_accepted_and_never_arrives(phone):
    await phone.token()
    phone.simulator.faults.add("dropped", path="message/send")
    assert (await phone.send("text", {"content": "早上好"}))["errcode"] == 0
    assert phone.heard == []


async def test_a_message_can_be_taken_back_within_a_day(phone, clock):
    first = await phone.send("text", {"content": "早上好"})
    second = await phone.send("text", {"content": "晚上好"})
    assert (await phone.post("message/recall", {"msgid": first["msgid"]}))["errcode"] == 0
    assert phone.heard == ["", "晚上好"]
    clock.ahead_s = 24 * 3600 + 1
    assert (await phone.post("message/recall", {"msgid": second["msgid"]}))["errcode"] == 42052
    assert (await phone.post("message/recall", {"msgid": "M0"}))["errcode"] == 40058


async def test_a_body_that_is_no_json_is_said_to_be_none(phone, http):
    params = {"access_token": (await phone.token())["access_token"]}
    answer = await http.post(BASE + "message/send", params=params, content=b"{")
    assert "wrong json format" in answer.json()["errmsg"]


async def test_the_tree_can_be_asked_from_any_department(phone):
    below = await phone.get("department/simplelist", id="2")
    assert [d["id"] for d in below["department_id"]] == [2, 5]
    assert (await phone.get("department/get", id="5"))["department"]["department_leader"] == [
        "wang"
    ]
    assert (await phone.get("department/get", id="99"))["errcode"] == 60123
    members = await phone.get("user/simplelist", department_id="5")
    assert {member["userid"] for member in members["userlist"]} == {"wang", "lilei", "hanmeimei"}


async def test_a_ticket_of_an_unknown_type_is_refused(phone):
    assert (await phone.get("ticket/get", type="wx_card"))["errcode"] == 91040


async def test_the_callback_address_is_checked_as_the_console_does(host, simulator, door):
    door.reader = host.callbacks
    assert await simulator.verify_callback_url()
    door.statuses = [500]
    assert not await simulator.verify_callback_url()
    simulator.company.app.callback_aes_key = "z" * 43
    assert not await simulator.verify_callback_url()


@pytest.mark.parametrize(
    ("answers", "status", "tries"),
    [([], 200, 1), ([500], 200, 2), ([500, 502], 200, 3), ([500, 502, 503], 503, 3)],
)
async def test_a_push_is_tried_three_times(host, simulator, door, answers, status, tries):
    door.reader = host.callbacks
    door.statuses = list(answers)
    assert await simulator.say("lilei", "帮助") == status
    assert len(door.raw) == tries


async def test_a_new_member_and_a_gone_department_have_their_own_events(host, simulator, door):
    door.reader = host.callbacks
    person = simulator.company.people["lilei"]
    simulator.company.people["new"] = type(person)("new", "新人", [5])
    del simulator.company.departments[5]
    await simulator.member_changed("new")
    await simulator.department_changed(5)
    assert [type(event).__name__ for event in door.events] == [
        "MembersChanged",
        "DepartmentsChanged",
    ]


async def test_only_a_button_of_the_card_can_be_pressed(phone, simulator):
    await phone.send("template_card", INTERACTIVE)
    (line,) = simulator.world.heard_by("wecom", "lilei")
    with pytest.raises(LookupError):
        await simulator.press(line.id, "别的", "lilei")


async def test_a_menu_entry_says_its_key(host, simulator, door):
    door.reader = host.callbacks
    await simulator.press_menu("lilei", "今天")
    await simulator.open_app("lilei")
    assert [type(event).__name__ for event in door.events] == ["TextReceived", "AppOpened"]


@pytest.mark.parametrize("old_spelling", [False, True])
async def test_a_submitted_choice_is_pushed_in_either_spelling(
    host, phone, simulator, door, old_spelling
):
    door.reader = host.callbacks
    simulator.switches.old_spelling_of_options = old_spelling
    options = [{"id": "a", "text": "华联"}, {"id": "b", "text": "红星"}]
    card = {
        "card_type": "multiple_interaction",
        "main_title": {"title": "去哪家"},
        "task_id": "choice-1",
        "select_list": [{"question_key": "q", "option_list": options}],
        "submit_button": {"text": "提交", "key": "提交"},
    }
    assert (await phone.send("template_card", card))["response_code"]
    (line,) = simulator.world.heard_by("wecom", "lilei")
    assert await simulator.submit(line.id, "lilei", {"q": ["a", "b"]}) == 200
    (pressed,) = door.events
    assert (pressed.says, pressed.card_id) == ("提交", "choice-1")
    await host.messenger.revise(pressed.revise_with, "choice-1", A_CARD)


async def test_whatever_else_wecom_pushes_is_answered(host, simulator, door):
    door.reader = host.callbacks
    place = "<Location_X>31.2</Location_X><Location_Y>121.4</Location_Y>"
    assert await simulator.send_message("lilei", "location", place) == 200
    assert (
        await simulator.send_event("inactive_alert", "<EffectTime>1767225600</EffectTime>") == 200
    )
    assert [event.kind for event in door.events] == ["location", "inactive_alert"]


async def test_what_was_asked_can_be_read_without_the_secrets(host, simulator):
    await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="n-1")
    asked = simulator.app.about("message/send")[-1]
    assert (asked.status, "早上好" in asked.body, '"errcode":0' in asked.answer) == (
        200,
        True,
        True,
    )
    secret = simulator.company.app.secret
    assert not any(secret in entry.query + entry.answer for entry in simulator.app.entries)
