from tests.integrations.host_contract import HostContract


class TestWecomIsAHost(HostContract):
    """Against the pretend WeCom."""
