"""The table: every operation of the API, and which roles get through it.

A role that gets through is not refused (401, 403) and does not hear that nothing is there (404).
`own` is asked for a customer (visit, export) of the asker himself, `others` for one of a colleague
in a department that is not his.
"""

from dataclasses import dataclass, field
from typing import Any

LEADS = frozenset({"lead", "regional_manager", "sales_ops", "admin"})
SELLERS = LEADS | {"rep"}
OPS = frozenset({"sales_ops", "admin"})
IT = frozenset({"it_admin", "admin"})
READERS = frozenset({"executive", "auditor", "finance"})
LOOKERS = SELLERS | READERS | {"service_engineer"}
WIDE = OPS | READERS
VISITORS = SELLERS | {"service_engineer"}
VISIT_LOOKERS = VISITORS | {"executive", "auditor"}
NOBODY: frozenset[str] = frozenset()
ROLES = LOOKERS | IT | {"nothing"}  # `nothing` is a role of the company that grants nothing
EVERYBODY = ROLES

HERE = {"lat": 30.590441, "lng": 114.310985, "datum": "GCJ02"}
REASON = {"reason": "店铺已转让"}
ROLE = {"title": "临时", "permissions": []}
SPEC = {"type": "number", "label": {"zh": "面积", "en": "Area"}}
GROUP = {"name": "渠道", "revision": 1}
TAG = {"group_id": "none", "name": "重点"}
TERRITORY = {"name": "武昌片区", "divisions": [{"city": "武汉市"}]}
EMPTY_POOL = {"name": "临时公海"}


@dataclass(frozen=True)
class Door:
    """One row. `is_open`: nobody needs to be signed in. `is_real`: it is really done, because the
    door is written by hand and reads what it has stored."""

    own: frozenset[str] = NOBODY
    others: frozenset[str] | None = None
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    is_open: bool = False
    is_real: bool = False


DOORS: dict[str, Door] = {
    # Signing in, and oneself
    "entry": Door(is_open=True),
    "sign_in": Door(is_open=True),
    "show_me": Door(EVERYBODY),
    "change_me": Door(EVERYBODY, body={"language": "en"}),
    "sign_out": Door(EVERYBODY),
    "sign_page": Door(EVERYBODY, query={"url": "http://waiqin.test/h5/"}),
    # Customers
    "list_customers": Door(LOOKERS),
    "find_by_external_id": Door(NOBODY, query={"external_id": "10086"}),  # programs have such ids
    "set_external_id": Door(NOBODY, NOBODY, body={"external_id": "10086"}),
    "look_up_customers": Door(LOOKERS),
    "customers_nearby": Door(LOOKERS, query=HERE),
    "customers_it_may_be": Door(SELLERS, body={"name": "华联"}),
    "create_customer": Door(SELLERS, body={"name": "新店", "phone": "13700137000"}),
    "show_customer": Door(LOOKERS, WIDE),
    "who_opened": Door(LOOKERS, OPS | {"auditor"}),
    "edit_customer": Door(SELLERS, OPS, body={"revision": 1, "note": "常客"}),
    "assign_customer": Door(LEADS, OPS, body={"member_id": None}),
    "add_contact": Door(SELLERS, OPS, body={"name": "新人"}),
    "edit_contact": Door(SELLERS, OPS, body={"title": "采购"}),
    "remove_contact": Door(SELLERS, OPS),
    "propose_location": Door(VISITORS, OPS, body=HERE),
    "confirm_location": Door(LEADS, OPS, body={"location_id": "{location_id}"}),
    "show_places": Door(LOOKERS, WIDE),
    "undo_place": Door(LEADS, OPS),
    "place_moves_waiting": Door(LEADS),
    "check_ins_behind": Door(LOOKERS - {"finance"}, WIDE - {"finance"}),
    "show_place_rules": Door(LOOKERS),
    "set_place_rules": Door(OPS, body={}),
    "close_place": Door(LOOKERS, OPS),  # his own proposal; what is confirmed only a lead
    "former_contacts": Door(LOOKERS, WIDE),
    "show_relationship_map": Door(LOOKERS, WIDE),
    "move_contact": Door(SELLERS, OPS, body={"to_customer_id": "none"}),
    "show_person": Door(LOOKERS, WIDE),
    "note_person": Door(SELLERS, OPS, body={"style": "driver"}),
    # Levels
    "show_levels": Door(LOOKERS, WIDE),
    "show_grade": Door(LOOKERS, WIDE),
    "show_rules": Door(LOOKERS),
    "set_rules": Door(OPS, body={}),
    "try_rules": Door(OPS, body={}),
    "grade_proposals": Door(LOOKERS),
    "decide": Door(NOBODY, body={"accept": True}),
    "tell_figure": Door(OPS, OPS, body={"month": "2026-02-01", "amount": "80.00", "orders": 2}),
    # Who works on them beside the owner
    "collaborators": Door(LOOKERS, WIDE),
    "share_customer": Door(SELLERS, OPS, body={"access": "read"}),
    "unshare_customer": Door(SELLERS, OPS),
    "ask_to_collaborate": Door(LOOKERS, WIDE, body=REASON),
    "who_asks_to_collaborate": Door(LOOKERS, WIDE),
    "collaboration_requests": Door(LOOKERS),
    "answer_collaboration": Door(SELLERS, OPS, body={"answer": "decline"}),
    "chat_contacts": Door(LOOKERS, WIDE),
    "answer_chat_contact": Door(
        NOBODY, NOBODY, body={"contact_id": "{contact_id}", "is_same": True}
    ),
    "record_consent": Door(SELLERS, OPS, body={"given": True}),
    "record_follow_up": Door(
        VISITORS, OPS, body={"channel": "note", "summary": "谈了续约，下周答复"}
    ),
    "show_follow_up": Door(LOOKERS, WIDE),
    "edit_follow_up": Door(LOOKERS, NOBODY, body={"summary": "谈了续约，后天答复"}),
    "remove_follow_up": Door(LOOKERS, NOBODY),
    "show_relations": Door(LOOKERS, WIDE),
    "add_relation": Door(
        SELLERS, OPS, body={"other_id": "{twin_id}", "kind": "supplies", "other_is": "above"}
    ),
    "end_relation": Door(SELLERS, OPS),
    # What companies add to customers, and what is said about them
    "tag_customers": Door(  # it says how many it did not change
        SELLERS, SELLERS, body={"customer_ids": ["{customer_id}"], "add": []}
    ),
    "tag_customer": Door(SELLERS, OPS, body={"add": []}),
    "show_fields": Door(LOOKERS),
    "people_for_fields": Door(LOOKERS | IT, query={"kind": "member"}),
    "show_definitions": Door(OPS),
    "define_field": Door(OPS, body={**SPEC, "key": "area"}),
    "order_fields": Door(OPS, body={"version": "", "keys": []}),
    "redefine_field": Door(NOBODY, body={**SPEC, "revision": 1}),
    "archive_field": Door(NOBODY, body={"archived": True, "revision": 1}),
    "show_tags": Door(LOOKERS),
    "show_tag_settings": Door(OPS),
    "make_tag_group": Door(OPS, body={"name": "渠道"}),
    "change_tag_group": Door(NOBODY, body=GROUP),
    "make_tag": Door(NOBODY, body=TAG),
    "change_tag": Door(NOBODY, body={**TAG, "revision": 1}),
    "merge_tags": Door(NOBODY, body={"into": "none"}),
    "comment_on_customer": Door(
        LOOKERS - {"auditor"}, WIDE - {"auditor"}, body={"text": "请看一下"}
    ),
    "whom_to_mention": Door(LOOKERS, WIDE),
    "edit_comment": Door(NOBODY, body={"text": "请看一下"}),
    "remove_comment": Door(NOBODY),
    "remove_attachment": Door(NOBODY),
    "add_attachment": Door(VISITORS, OPS, body=b"no file"),
    "show_storefront": Door(LOOKERS, WIDE),
    "put_storefront": Door(VISITORS, OPS, body={"attachment_id": "nothing"}),
    "show_timeline": Door(LOOKERS, WIDE),
    "show_field_history": Door(LOOKERS, WIDE, query={"field": "name"}),
    "show_contact_history": Door(LOOKERS, WIDE, query={"field": "name"}),
    # Merging
    "preview_merge": Door(LEADS, OPS, query={"loser_id": "{twin_id}"}),
    "merge_customers": Door(LEADS, OPS, body={"loser_id": "{twin_id}"}),
    "merges_into": Door(LEADS, OPS),
    "undo_merge": Door(NOBODY),
    "duplicates": Door(LEADS),
    "tell_apart": Door(LEADS, OPS, body={"one_id": "{customer_id}", "other_id": "{twin_id}"}),
    # Transfers
    "people_to_transfer": Door(LEADS),
    "preview_transfer": Door(LEADS, OPS, body={"from_id": "{owner_id}", "to_ids": ["{deputy_id}"]}),
    "transfer_customers": Door(
        LEADS, OPS, body={"from_id": "{owner_id}", "to_ids": ["{deputy_id}"], "count": 2}
    ),
    "list_transfers": Door(LEADS),
    "undo_transfer": Door(NOBODY),
    # Exports
    "list_exports": Door(LEADS),
    "show_export": Door(LOOKERS, NOBODY),
    "ask_for_export": Door(LEADS, body={"format": "csv"}, is_real=True),
    # Imports: there is none here, so who may bring one is asked, and what follows hears of none
    "list_imports": Door(OPS),
    "bring_import": Door(OPS, body=b"no file"),
    "show_import": Door(NOBODY),
    "settle_import": Door(NOBODY, body={}),
    "check_import": Door(NOBODY),
    "start_import": Door(NOBODY),
    "cancel_import": Door(NOBODY),
    "forecast_undo": Door(NOBODY),
    "undo_import": Door(NOBODY),
    "rows_not_taken": Door(NOBODY),
    # Pools
    "show_pools": Door(SELLERS),
    "show_pool_settings": Door(OPS),
    "make_pool": Door(OPS, body=EMPTY_POOL),
    "configure_pool": Door(OPS, body=EMPTY_POOL),
    "remove_pool": Door(OPS),  # the company's own, which stays
    "restore_pool": Door(NOBODY),
    "what_rules_would_allocate": Door(OPS, body={"rules": {}}),
    "show_territories": Door(OPS),
    "make_territory": Door(OPS, body={**TERRITORY, "owner_id": "{me}"}),
    "change_territory": Door(NOBODY, body={**TERRITORY, "owner_id": "{me}"}),
    "remove_territory": Door(NOBODY),
    "customers_in_pools": Door(SELLERS),
    "view_pool_customer": Door(SELLERS),
    "claim_customer": Door(SELLERS),
    "assign_from_pool": Door(LEADS, body={"member_id": "{me}"}),
    "what_i_am_about_to_lose": Door(SELLERS),
    "what_other_rules_would_recycle": Door(OPS, body={"rules": {}}),
    "undo_recycling": Door(OPS),
    "what_would_be_recycled": Door(OPS),
    "who_holds_what": Door(LEADS),
    # of 韩梅梅, whom no lead of another department looks after
    "who_is_away": Door(LEADS),
    "say_away": Door(OPS, OPS, body={"last_day": "2026-03-20"}),
    "say_back": Door(OPS, OPS),
    "release_customer": Door(SELLERS, OPS, body=REASON),
    "show_clock": Door(LOOKERS, WIDE),
    "ask_for_extension": Door(SELLERS, NOBODY, body=REASON),
    "extensions_to_decide": Door(LEADS),
    "decide_extension": Door(LEADS, OPS, body={"is_granted": True}),
    "protect_customer": Door(LEADS, OPS, body={"until": None}),
    "unprotect_customer": Door(LEADS, OPS),
    # Visits
    "today": Door(EVERYBODY),
    "preview_verdict": Door(LOOKERS, WIDE, query={**HERE, "customer_id": "{customer_id}"}),
    "check_in": Door(
        VISITORS, OPS, body={"customer_id": "{customer_id}", "close_open_visit": True}
    ),
    "list_visits": Door(VISIT_LOOKERS),
    "show_visit": Door(VISIT_LOOKERS, WIDE - {"finance"}),
    "check_out": Door(VISIT_LOOKERS, NOBODY, body={}),
    "record_log": Door(
        VISIT_LOOKERS, NOBODY, body={"result": "progress", "summary": "谈了续约，下周答复"}
    ),
    "upload_photo": Door(VISIT_LOOKERS, NOBODY, body=b"no picture"),
    "give_photo_pass": Door(VISIT_LOOKERS, NOBODY, query={"key": "a-key-of-mine"}),
    "upload_photo_by_host": Door(is_open=True),
    # Administration
    "list_api_tokens": Door(IT),
    "make_api_token": Door(IT, body={"name": "BI", "scopes": ["customers.read"]}),
    "revoke_api_token": Door(NOBODY),
    "list_webhooks": Door(IT),
    "make_webhook": Door(
        IT, body={"name": "ERP", "url": "https://erp.example/x", "events": ["customer.changed"]}
    ),
    "change_webhook": Door(IT, body={"name": "BI"}),
    "remove_webhook": Door(IT),
    "rotate_webhook_secret": Door(IT),
    "pause_webhook": Door(IT),
    "resume_webhook": Door(IT),
    "ping_webhook": Door(IT),
    "list_webhook_deliveries": Door(IT),
    "replay_delivery": Door(NOBODY),
    "replay_deliveries": Door(IT, body={}),
    "list_roles": Door(IT),
    "make_role": Door(IT, body={**ROLE, "code": "temporary"}),
    "let_leaders_oversee": Door(IT, body={"leaders_oversee": True}),
    "change_role": Door(IT, body=ROLE),
    "remove_role": Door(IT),
    "roles_of_member": Door(IT),
    "give_role": Door(IT),
    "take_role": Door(IT),
    "list_connections": Door(IT),
    "sync_connection": Door(IT),
    "confirm_sync": Door(IT, body={"run_id": "none"}),
    "retry_events": Door(IT),
    "retry_messages": Door(IT),
    "show_sync": Door(IT),
    "check_connection": Door(IT),
    "resume_connection": Door(IT),
    "replace_credentials": Door(IT, body={"credentials": {"secret": "new"}}),
    "switch_service": Door(IT, body={"on": True}),
}
