"""What became of deliveries to webhooks, for those who watch the installation."""

from prometheus_client import Counter

TRIED = Counter("waiqin_webhook_deliveries_total", "Deliveries to webhooks", ["outcome"])
PAUSED = Counter("waiqin_webhooks_paused_total", "Webhooks that were paused after many failures")
