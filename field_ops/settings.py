"""What the environment may set. Read once at start; nothing else reads `os.environ`."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_SECRET = 16


class WecomSettings(BaseModel):
    """One WeCom connection given by the environment; it gets the id `default`."""

    corp_id: str = ""
    agent_id: str = ""
    secret: SecretStr = SecretStr("")
    callback_token: SecretStr = SecretStr("")
    callback_aes_key: SecretStr = SecretStr("")
    callback_token_old: SecretStr = SecretStr("")
    callback_aes_key_old: SecretStr = SecretStr("")
    contacts_secret: SecretStr = SecretStr("")
    bot_id: str = ""
    bot_secret: SecretStr = SecretStr("")
    base_url: str = "https://qyapi.weixin.qq.com"
    bot_url: str = "wss://openws.work.weixin.qq.com"


class DingtalkSettings(BaseModel):
    """One DingTalk connection given by the environment; it gets the id `default`."""

    corp_id: str = ""
    agent_id: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    robot_code: str = ""
    callback_token: SecretStr = SecretStr("")
    callback_aes_key: SecretStr = SecretStr("")
    stream: bool = False
    card_template_id: str = ""
    api_base_url: str = "https://api.dingtalk.com"
    oapi_base_url: str = "https://oapi.dingtalk.com"


class Settings(BaseSettings):
    """All settings, each `WAIQIN_…` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="WAIQIN_", env_nested_delimiter="_", env_nested_max_split=1, extra="ignore"
    )

    database_url: str = ""
    data_dir: Path = Path("data")
    public_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr("")
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    timezone: str = "Asia/Shanghai"
    sqlite_synchronous: str = Field(default="FULL", pattern="^(FULL|NORMAL)$")
    webhook_networks: str = ""
    wecom: WecomSettings = WecomSettings()
    dingtalk: DingtalkSettings = DingtalkSettings()

    @field_validator("secret_key")
    @classmethod
    def long_enough(cls, value: SecretStr) -> SecretStr:
        """None at all (one is made on first use), or one that cannot be guessed."""
        if 0 < len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"needs at least {SHORTEST_SECRET} characters")
        return value

    @field_validator("webhook_networks")
    @classmethod
    def networks(cls, value: str) -> str:
        """Networks with commas between, such as 10.0.0.0/8."""
        for one in filter(None, value.split(",")):
            ip_network(one.strip())
        return value

    @property
    def async_database_url(self) -> str:
        """The SQLAlchemy address: what the user typed, with the async driver named."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir / 'waiqin.sqlite3'}"
        scheme, _, rest = self.database_url.partition("://")
        drivers = {
            "sqlite": "sqlite+aiosqlite",
            "postgres": "postgresql+asyncpg",
            "postgresql": "postgresql+asyncpg",
        }
        return f"{drivers.get(scheme, scheme)}://{rest}"

    @property
    def served_over_tls(self) -> bool:
        return self.public_url.startswith("https://")


def unknown_settings() -> list[str]:
    """Names in the environment that look like ours and are not: usually a typing slip."""
    known = {"WAIQIN_" + name.upper() for name in Settings.model_fields}
    for host, model in (("WECOM", WecomSettings), ("DINGTALK", DingtalkSettings)):
        known |= {f"WAIQIN_{host}_{name.upper()}" for name in model.model_fields}
    return sorted(
        name
        for name in os.environ
        if name.startswith("WAIQIN_") and name not in known and not name.startswith("WAIQIN_TEST_")
    )
