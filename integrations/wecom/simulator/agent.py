"""The app as WeCom's console knows it, and the addresses from which WeCom comes (90227, 90238)."""

from typing import Any
from urllib.parse import urlsplit

from .answers import Failed, success
from .office import Call, Office


class Agent:
    def __init__(self, office: Office) -> None:
        self._office = office

    def get(self, call: Call) -> dict[str, Any]:
        company = self._office.company
        if call.wanted("agentid", 41011) != str(company.app.agent_id):
            raise Failed(301002)
        # Where every host is trusted, the console shows the one that is called.
        trusted = [*company.app.trusted_hosts, urlsplit(company.app.callback_url).netloc]
        roots = [d.id for d in company.departments.values() if not d.parent_id]
        return success(
            agentid=company.app.agent_id,
            name="外勤",
            square_logo_url="",
            description="",
            allow_userinfos={"user": []},
            allow_partys={"partyid": roots},
            allow_tags={"tagid": []},
            close=int(self._office.switches.app_is_disabled),
            redirect_domain=trusted[0],
            report_location_flag=0,
            isreportenter=1,
            home_url="",
        )

    def getcallbackip(self, call: Call) -> dict[str, Any]:
        return success(ip_list=["127.0.0.1"])

    def get_api_domain_ip(self, call: Call) -> dict[str, Any]:
        return success(ip_list=["127.0.0.1"])
