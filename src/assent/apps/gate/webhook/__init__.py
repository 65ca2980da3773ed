"""A validating admission webhook: Kubernetes asks the gate before it creates anything.

AdmissionReview over TLS -> the gate's answer;  settings -> manifest
"""

from assent.apps.gate.webhook.decide import decide
from assent.apps.gate.webhook.manifest import manifest
from assent.apps.gate.webhook.server import Tls, serve_webhook

__all__ = ["Tls", "decide", "manifest", "serve_webhook"]
